"""The suite's own machinery: the list of ids, the tests, running them at the same time, and the report.

The ids with their levels and requirements are the rows of docs/rfc2661.md; a test names the ids that it shows."""

import argparse
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import time
import traceback

from bench import Bench, Instance, Ledger, Skip
from peer import Fail

TABLE = os.path.join(os.path.dirname(__file__), '../../docs/rfc2661.md')
ROW = re.compile(r'^\| ([A-Z]{2,3}-\d\d) \| ([MSOR]) \|')
LEVELS = 'MSOR'
# Enough for all tests of a foreign LNS; ours are also put through what takes many
BUDGET = 6000
# Tests at a time, besides those that mostly wait
AT_ONCE = 12

Row = collections.namedtuple('Row', 'ident level where')
Test = collections.namedtuple('Test', 'run idents on needs slow alone')
tests = []


def test(*idents, on='strict', needs=None, slow=False, alone=False):
    """Registers a test of these ids. `on`: the daemon that it talks to, when it is ours; `needs`: what only one of ours
    has; `slow`: it waits most of the time; `alone`: others would disturb what it looks at."""
    def register(run):
        tests.append(Test(run, idents, on, needs, slow, alone))
        return run
    return register


def read_table():
    """The rows of docs/rfc2661.md, in order."""
    rows = []
    with open(TABLE, encoding='utf-8') as file:
        for line in file:
            match = ROW.match(line)
            if match:
                cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
                rows.append(Row(match.group(1), match.group(2), cells[4] or cells[3]))
    return rows


class Outcome:
    """Of one test, or of all that show one id; `trace`: what a test that failed has sent and got."""

    def __init__(self):
        self.passed, self.failures, self.skipped, self.trace = 0, [], [], ''

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skipped += other.skipped


def run_one(test_, ledger, target, secret, instances):
    outcome, bench = Outcome(), None
    began = time.monotonic()
    name = f'{test_.run.__module__}.{test_.run.__name__}'
    try:
        if test_.needs and not instances:
            raise Skip(f'needs {test_.needs}')
        instance = instances[test_.on] if instances else None
        address = ('127.0.0.1', instance.port) if instance else target
        bench = Bench(ledger, address, secret, instance)
        test_.run(bench)
        outcome.passed = 1
    except Skip as why:
        (outcome.failures if instances else outcome.skipped).append(f'{why}')
    except Fail as why:
        outcome.failures.append(f'{name}: {why}')
        outcome.trace = '\n'.join(bench.traces()[-24:])
    except Exception as fault:  # a fault of the suite is a failure of the id, and the others go on
        outcome.failures.append(f'{name}: {fault!r}')
        outcome.trace = traceback.format_exc()
    finally:
        if bench:
            bench.close()
    return outcome, time.monotonic() - began


def run_all(chosen, *context):
    """The slow ones all at once, the others some at a time; those that want to be alone at the end, one by one."""
    results = {}
    slow = [t for t in chosen if t.slow]
    quick = [t for t in chosen if not t.slow and not t.alone]
    with (concurrent.futures.ThreadPoolExecutor(len(slow) or 1) as patient,
          concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool):
        futures = {patient.submit(run_one, t, *context): t for t in slow}
        futures.update((pool.submit(run_one, t, *context), t) for t in quick)
        for future in concurrent.futures.as_completed(futures):
            results[futures[future]] = future.result()
    for each in (t for t in chosen if t.alone):
        results[each] = run_one(each, *context)
    return results


def judge(rows, results, ledger):
    """The outcome of each id that has a test here."""
    outcomes = {}
    for done, (outcome, _) in results.items():
        for ident in done.idents:
            outcomes.setdefault(ident, Outcome()).add(outcome)
    for ident, text in ledger.complaints.items():
        outcomes.setdefault(ident, Outcome()).failures.append(text)
    known = {row.ident for row in rows}
    for ident in outcomes.keys() - known:
        outcomes[ident].failures.append(f'{ident} is not in docs/rfc2661.md')
    return outcomes


def verdict(row, outcomes):
    """What is said of an id, and why."""
    outcome = outcomes.get(row.ident)
    if outcome is None:
        return 'skip', row.where
    if outcome.failures:
        return 'FAIL', '; '.join(outcome.failures)
    if outcome.passed:
        return 'ok', f'partly: {outcome.skipped[0]}' if outcome.skipped else ''
    return 'skip', outcome.skipped[0]


def report(rows, outcomes):
    counts = collections.defaultdict(collections.Counter)
    for row in rows:
        said, why = verdict(row, outcomes)
        print(f'  {said:<4} {row.ident} {row.level}  {why}'.rstrip())
        for key in (row.ident.split('-')[0], row.level), ('all', row.level):
            counts[key][said] += 1
    print('\n  passed/failed/skipped  ' + ''.join(f'{level:>12}' for level in LEVELS))
    for section in dict.fromkeys(key[0] for key in counts if key[0] != 'all'):
        print(f'  {section:<22} ' + ''.join(cell(counts[section, level]) for level in LEVELS))
    print(f'  {"all":<22} ' + ''.join(cell(counts['all', level]) for level in LEVELS))
    return (sum(counts['all', level][said] for level in LEVELS) for said in ('ok', 'FAIL'))


def report_failures(results):
    """What each test that failed has sent and got."""
    for done, (outcome, _) in results.items():
        if outcome.failures:
            print(f'\n  {outcome.failures[0]}')
            print(re.sub('^', '    | ', outcome.trace, flags=re.MULTILINE))


def report_deaths(instances, expected='end'):
    """How many of our daemons did not live to see the end, with their last words."""
    dead = [each for each in instances.values() if each.name != expected and not is_serving(each)]
    for each in dead:
        print(f'\n  the daemon {each.name} has died:')
        with open(each.log, encoding='utf-8', errors='replace') as file:
            print(re.sub('^', '    | ', ''.join(file.readlines()[-30:]), flags=re.MULTILINE))
    return len(dead)


def is_serving(instance):
    command = [instance.lnsctl, '--socket', instance.control, 'status']
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0


def cell(count):
    text = f'{count["ok"]}/{count["FAIL"]}/{count["skip"]}' if count else '-'
    return f'{text:>12}'


def parse_target(text):
    """ADDRESS, ADDRESS:PORT or [ADDRESS6]:PORT."""
    match = re.fullmatch(r'\[(.+)\](?::(\d+))?|([^:]+)(?::(\d+))?|(.+)', text)
    host = match.group(1) or match.group(3) or match.group(5)
    return host, int(match.group(2) or match.group(4) or 1701)


def main():
    parser = argparse.ArgumentParser(description='RFC 2661 put to an LNS, id by id')
    parser.add_argument('--target', metavar='ADDRESS[:PORT]', type=parse_target, help='any LNS; its tunnel secret is in $SECRET')
    parser.add_argument('--instance', action='append', default=[], metavar='NAME,PORT,LNSCTL,CONTROL,LOG,PID',
                        help='a daemon of our own')
    parser.add_argument('--slowest', action='store_true', help='tell which tests take longest')
    parser.add_argument('only', nargs='*', metavar='ID', help='these ids, all without any')
    options = parser.parse_args()
    instances = {}
    for text in options.instance:
        name, port, *rest = text.split(',')
        instances[name] = Instance(name, int(port), *rest)
    ledger = Ledger(BUDGET if options.target else sys.maxsize)
    secret = os.environ.get('SECRET', '').encode() or None
    chosen = [t for t in tests if not options.only or set(options.only) & set(t.idents)]
    results = run_all(chosen, ledger, options.target, secret, instances)
    report_failures(results)
    dead = report_deaths(instances)
    rows = [row for row in read_table() if not options.only or row.ident in options.only]
    passed, failed = report(rows, judge(rows, results, ledger))
    if options.slowest:
        for t, (_, took) in sorted(results.items(), key=lambda item: -item[1][1])[:20]:
            print(f'  {took:6.1f} s  {t.run.__module__}.{t.run.__name__}')
    print(f'  {ledger.sent} datagrams sent, {ledger.seen} came')
    print(f'{passed} passed, {failed + dead} failed')
    return 0 if passed and not failed + dead else 1
