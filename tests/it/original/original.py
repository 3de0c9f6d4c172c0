"""Runs programs with Python's smokesignal: reads one from each line of the input, as JSON, and prints its trace.

The library itself is not changed. What it does otherwise, and docs/smokesignal.md says so, is changed from outside:
each program lists the differences to be made up for.
"""

import itertools
import json
import sys

import smokesignal

# How much scripts may do, as in ours.rs.
FUEL = 60
DEPTH = 3


class Raised(Exception):
    pass


class Receivers:
    """In place of the sets of the library, which copies one for each emission."""

    serial = itertools.count()
    differences = ()

    def __init__(self, copied=None):
        self.copied = copied
        self.held = dict(copied.held) if copied else {}

    def __contains__(self, callback):
        return callback in self.held

    def __iter__(self):
        callbacks = self.held if 'order' in self.differences else set(self.held)
        for callback in callbacks:
            is_there = self.copied is None or self.copied.held.get(callback) == self.held[callback]
            if is_there or 'departure' not in self.differences:
                yield callback

    def __len__(self):
        return 1  # even an empty one is copied

    def add(self, callback):
        self.held.setdefault(callback, next(self.serial))

    def remove(self, callback):
        del self.held[callback]

    def clear(self):
        self.held.clear()


def call_the_last_time_after_leaving(callback, args=(), kwargs={}, call=smokesignal._call):
    if 'budget' in Receivers.differences and getattr(callback, '_max_calls', None) == 1:
        smokesignal.disconnect(callback)
    return call(callback, args, kwargs)


class FirstErrorCounts:
    """The context manager of the library, but an error at its exit is discarded while another one is handled."""

    def __init__(self, manager):
        self.manager = manager

    def __enter__(self):
        return self.manager.__enter__()

    def __exit__(self, *error):
        is_second = 'second' in Receivers.differences and sys.exc_info()[0] is not None
        try:
            return self.manager.__exit__(*error)
        except Raised:
            if not is_second:
                raise


smokesignal.receivers.default_factory = Receivers
smokesignal.set = Receivers  # what `emit` copies with
smokesignal._call = call_the_last_time_after_leaving


class Machine:
    def __init__(self, program):
        self.trace = []
        self.fuel = FUEL
        self.depth = 0
        self.scripts = program['scripts']
        self.callbacks = [self.callback(index) for index in range(len(self.scripts))]
        Receivers.differences = program['differences']
        smokesignal.receivers.clear()
        for step in program['steps']:
            try:
                self.run(step)
            except Raised:
                self.trace.append('raised')
            self.trace.append('sees ' + ','.join(map(self.names, self.callbacks)))

    def callback(self, index):
        def called(*args):
            self.trace.append(' '.join(map(str, ('call', index, *args))))
            if self.depth == DEPTH:
                return
            self.depth += 1
            try:
                for operation in self.scripts[index]:
                    self.run(operation)
            finally:
                self.depth -= 1
        return called

    def names(self, callback):
        names = smokesignal.signals(callback)
        return ''.join(sorted(names) if 'sorted' in Receivers.differences else names)

    def run(self, operation):
        if self.fuel == 0:
            return
        self.fuel -= 1
        what, *arguments = operation
        getattr(self, what)(*arguments)

    def on(self, names, index, limit):
        callback = self.callbacks[index]
        smokesignal.on(names, callback, max_calls=limit)
        if limit == 0 and 'budget' in Receivers.differences:
            smokesignal.disconnect(callback)

    def once(self, names, index):
        smokesignal.once(names, self.callbacks[index])

    def emit(self, name, *args):
        smokesignal.emit(name, *args)

    def emitting(self, enter, exit, body):
        with FirstErrorCounts(smokesignal.emitting(exit, enter=enter)):
            for operation in body:
                self.run(operation)

    def disconnect(self, index):
        smokesignal.disconnect(self.callbacks[index])

    def disconnect_from(self, index, names):
        smokesignal.disconnect_from(self.callbacks[index], names)

    def clear(self, names):
        if names or 'clear' not in Receivers.differences:
            smokesignal.clear(*names)

    def clear_all(self):
        smokesignal.clear_all()

    def signals(self, index):
        self.trace.append(f'signals {index} {self.names(self.callbacks[index])}')

    def responds_to(self, index, name):
        responds = smokesignal.responds_to(self.callbacks[index], name)
        self.trace.append(f'responds_to {index} {name} {str(responds).lower()}')

    def throw(self):
        raise Raised


for line in sys.stdin:
    print(';'.join(Machine(json.loads(line)).trace), flush=True)
