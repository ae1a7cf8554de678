#!/usr/bin/env python3
"""commands.py FILE...: the commands of ours that manuals and Markdown tell people to type, one a line: FILE:LINE, whether it
stands as an example (in a block, .Dl) or is mentioned (.Ql, `code` in a line), and the words, quoted for a shell; tabs
between. What has an ellipsis or optional parts is no command but a pattern, and is left out, as are drawings."""

import re
import shlex
import sys

OURS = ('lnsctl', 'lnsd', 'make')
PATTERN = re.compile(r'…|\.\.\.|\[|\]|<|>|\bFILE\b|VERB')
DRAWING = re.compile('[\u2500-\u25ff]')
PROMPT = re.compile(r'^\s*[#$] ')


def of_manual(lines):
    literal = False
    for number, line in enumerate(lines, 1):
        if line.startswith('.Bd -literal'):
            literal = True
        elif line.startswith('.Ed'):
            literal = False
        elif line.startswith(('.Dl ', '.Ql ')):
            yield number, 'example' if line[1] == 'D' else 'mention', PROMPT.sub('', plain(line[4:]))
        elif literal and PROMPT.match(line):
            yield number, 'example', PROMPT.sub('', plain(line))


def plain(text):
    text = text.replace('\\e', '\\').replace('\\-', '-').replace('\\&', '')
    return re.sub(r' [;,.)]+$', '', text.strip())


def of_markdown(lines):
    block = None
    for number, line in enumerate(lines, 1):
        fence = re.match(r'\s*```\s*(\w*)', line)
        if fence:
            block = None if block is not None else fence[1]
        elif block in ('', 'sh', 'bash', 'console', 'shell'):
            yield number, 'example', PROMPT.sub('', line)
        elif block is None:
            for span in re.findall(r'`([^`]+)`', line):
                yield number, 'mention', span


def words_of(text):
    lexer = shlex.shlex(text, posix=True, punctuation_chars='&|;()')
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []


def commands_of(text):
    """The simple commands in a line of shell."""
    command = []
    for word in [*words_of(text), ';']:
        if word and not set(word) - set('&|;()'):
            while command and (command[0] in ('sudo', 'nice', 'exec') or re.match(r'\w+=', command[0])):
                command.pop(0)
            if command:
                yield command
            command = []
        else:
            command.append(word)


def main(paths):
    for path in paths:
        with open(path, encoding='utf-8') as file:
            lines = file.read().splitlines()
        for number, kind, text in (of_markdown if path.endswith('.md') else of_manual)(lines):
            if DRAWING.search(text):
                continue
            for command in commands_of(text):
                if command[0] in OURS and not any(PATTERN.search(word) for word in command):
                    print(f'{path}:{number}', kind, shlex.join(command), sep='\t')


main(sys.argv[1:])
