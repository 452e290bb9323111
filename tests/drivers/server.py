"""The program under test, for the tests of Python's clients."""

import os
import subprocess


class Server:
    """A server of its own in a folder, with its addresses read from its banner."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.log = open(folder / "log.txt", "a")
        command = [os.environ["SNOWGLOBE_BINARY"], "--http-port", "0", "--https-port", "0", *arguments]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ports = {}
        for line in self.process.stdout:
            words = line.split()
            if len(words) == 2 and words[0] in ("http", "https"):
                self.ports[words[0]] = int(words[1].rsplit(":", 1)[1])
            if len(self.ports) == 2:
                break
        assert self.ports, (folder / "log.txt").read_text()
        self.authority = folder / "certs" / "ca.pem"

    def interrupt(self):
        """Ctrl-C; the exit code."""
        self.process.send_signal(subprocess.signal.SIGINT)
        return self.process.wait(timeout=20)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
