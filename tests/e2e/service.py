#!/usr/bin/env python3
"""Does for one program what systemd does for spoa-modsecurity.socket and .service.

usage: service.py --listen HOST:PORT [--restart-sec SECONDS] PROGRAM ARGUMENT...

It holds the listening socket all the time and hands it over as sd_listen_fds(3) says. SIGUSR2 is
`systemctl restart`: SIGTERM, wait for the end, start. A program that ends by itself or by a signal
is started again after --restart-sec, as by Restart=on-failure. SIGTERM stops the program, then
this one. Each start is a line, `started PID`.
"""
import argparse
import os
import signal
import socket
import sys
import time

FIRST_PASSED = 3  # SD_LISTEN_FDS_START


class Service:
    def __init__(self, options):
        self.options = options
        host, port = options.listen.rsplit(":", 1)
        self.socket = socket.create_server((host, int(port)), backlog=4096)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # NoDelay=yes
        self.pid = None
        self.wanted = []

    def start(self):
        self.pid = os.fork()
        if self.pid == 0:
            if self.socket.fileno() != FIRST_PASSED:
                os.dup2(self.socket.fileno(), FIRST_PASSED)
            os.set_inheritable(FIRST_PASSED, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="spop", LISTEN_PID=str(os.getpid()))
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execvp(self.options.program[0], self.options.program)
        print("started", self.pid, flush=True)

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)

    def run(self):
        signals = {signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        self.start()
        while True:
            number = signal.sigwait(signals)
            if number == signal.SIGTERM:
                self.end()
                return 0
            if number == signal.SIGUSR2:
                self.end()
                self.start()
                print("restarted", flush=True)
            elif os.waitpid(self.pid, os.WNOHANG)[0]:
                time.sleep(self.options.restart_sec)
                self.start()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--listen", required=True)
    arguments.add_argument("--restart-sec", type=float, default=0.1)
    arguments.add_argument("program", nargs=argparse.REMAINDER)
    return Service(arguments.parse_args()).run()


sys.exit(main())
