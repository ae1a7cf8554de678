"""python3 tests/conformance/main.py --target ADDRESS[:PORT] [ID...]: see suite.py; tests/conformance/run for our own."""

import importlib
import sys

import suite

# Each registers its tests
MODULES = ('header', 'avp', 'hiding', 'control', 'tie', 'delivery', 'sessions', 'calls', 'datachannel', 'transport',
           'others')

if __name__ == '__main__':
    for module in MODULES:
        importlib.import_module(module)
    sys.exit(suite.main())
