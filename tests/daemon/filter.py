"""python3 filter.py FILTER LOG: the address of each line of the log that a filter of fail2ban finds."""
import configparser
import re
import sys

ADDR = r"(?:(?P<ip4>\d{1,3}(?:\.\d{1,3}){3})|(?P<ip6>[0-9a-fA-F:]*:[0-9a-fA-F:.]*))"


def main(path, log):
    conf = configparser.RawConfigParser()
    conf.read(path)
    rules = conf["Definition"]["failregex"].strip().splitlines()
    found = [re.compile(rule.strip().replace("%(__prefix_line)s", "").replace("<ADDR>", ADDR)) for rule in rules]
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            hits = [hit for hit in (rule.search(line.rstrip("\n")) for rule in found) if hit]
            if hits:
                print(hits[0]["ip4"] or hits[0]["ip6"])


main(*sys.argv[1:])
