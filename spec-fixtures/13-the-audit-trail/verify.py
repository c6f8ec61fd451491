#!/usr/bin/env python3
"""Verifies an audit log as src/governance/audit/FORMAT.md specifies it, with Python's standard library alone.

usage: verify.py FOLDER [KEYS]    FOLDER is the log of one server, KEYS a JWK Set with the keys that its heads are signed with

It prints the same lines as `audit verify --audit-dir … --server … --keys KEYS`, from code that shares nothing with it.
"""
import base64
import datetime
import functools
import gzip
import hashlib
import json
import os
import re
import sys
import zlib

MAX_LINE, MAX_GAPS, MAX_SAFE = 4 * 1024 * 1024, 1000, 2**53 - 1
FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.([a-z0-9_-]+)\.jsonl(?:\.gz)?")
ABOUT_CHAIN = re.compile(r"([a-z0-9_-]+)\.(?:head|tombstone)")
TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}")
OF_ISSUER = re.compile(r"(.*)_i[0-9a-f]{32}")


def sha256(text):
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()


def parse(text):
    """The JSON value, or None. Python would also accept NaN and Infinity."""
    try:
        return json.loads(text, parse_constant=lambda name: int(name))
    except (ValueError, RecursionError):
        return None


def is_seq(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 1 <= value <= MAX_SAFE and value == int(value)


def is_hash(value):
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def lines_of(path):
    """Each line with its number, and whether it has an end. The text is None when it is no UTF-8 or too long."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        read = functools.partial(file.readline, MAX_LINE + 2)
        for number, raw in enumerate(iter(read, b""), 1):
            rest = raw
            while len(rest) > MAX_LINE and not rest.endswith(b"\n"):  # a few KB of gzip can be a line of any length
                rest = read()
            ended = rest.endswith(b"\n")
            raw = raw.removesuffix(b"\n")
            try:
                yield (raw.decode("utf8") if len(raw) <= MAX_LINE else None), number, ended
            except UnicodeDecodeError:
                yield None, number, ended


def is_whole(path):
    """Whether a gzip file can be decompressed to its end, with nothing behind it."""
    member = None
    with open(path, "rb") as file:
        for data in iter(lambda: file.read(65536), b""):
            while data:
                member = zlib.decompressobj(31) if member is None or member.eof else member
                try:
                    member.decompress(data)
                except zlib.error:
                    return False
                data = member.unused_data
    return member is not None and member.eof


def link_of(text):
    """The record of a line, if it has a place in a chain."""
    record = parse(text) if text is not None else None
    if not isinstance(record, dict) or not is_seq(record.get("seq")) or not isinstance(record.get("prev"), str):
        return None
    return record if is_hash(record.get("hash")) else None


def is_sealed(line, record):
    tail = ',"hash":"%s"}' % record["hash"]
    return line.endswith(tail) and sha256(line[: -len(tail)] + "}") == record["hash"]


class Chain:
    """One tenant's records by one replica, in the order of their days. Without a start, they may begin anywhere."""

    def __init__(self, seq, digest, witnesses):
        self.seq, self.hash = seq, digest
        self.witnesses, self.gaps, self.damaged, self.records, self.summarised = witnesses, [], 0, 0, 0

    def take_file(self, path, report):
        """Returns the number of the last line."""
        last = 0
        if path.endswith(".gz") and not is_whole(path):
            report("not gzip", 0, "the file cannot be decompressed")
            return last
        for text, last, ended in lines_of(path):
            self.take(text, last, ended, report)
        return last

    def compare(self, seq, digest, number, report):
        for known_seq, known, origin in self.witnesses:
            if known_seq == seq and known != digest:
                report("changed", number, "record %d differs from the one that %s knows" % (seq, origin))

    def take(self, text, number, ended, report):
        if not ended:
            return report("torn", number, "the line has no end")
        self.records += 1
        record = link_of(text)
        if record is None or not is_sealed(text, record):
            self.damaged += 1
            what, detail = ("not JSON", "is no audit record") if record is None else ("changed", "does not match its hash")
            return report(what, number, "the line " + detail)
        seq = int(record["seq"])
        self.compare(seq, record["hash"], number, report)
        if self.seq is not None and seq <= self.seq:
            self.take_late(seq, number, report)
        else:
            self.take_next(seq, record, number, report)
        summary = record.get("summary")
        if isinstance(summary, dict) and isinstance(summary.get("reasons"), dict):
            self.summarised += sum(each["count"] - each["recorded"] for each in summary["reasons"].values())
        if record.get("kind") == "log" and isinstance(record.get("notice"), dict):
            report("notice", number, json.dumps(record["notice"], separators=(",", ":"), ensure_ascii=False))

    def take_next(self, seq, record, number, report):
        missing = 0 if self.seq is None else seq - (self.seq + 1) - self.damaged
        if missing > 0:
            self.gaps.append((seq - missing, seq - 1, number, report))
            if len(self.gaps) > MAX_GAPS:
                report_gap(self.gaps.pop(0))
        if self.seq is not None and seq == self.seq + 1 and record["prev"] != self.hash:
            report("changed", number, "the record before is not the one that this record follows")
        self.damaged, self.seq, self.hash = 0, seq, record["hash"]

    def take_late(self, seq, number, report):
        at = next((at for at, gap in enumerate(self.gaps) if gap[0] <= seq <= gap[1]), None)
        if at is None:
            return report("added", number, "record %d is there already" % seq)
        report("reordered", number, "record %d comes after record %d" % (seq, self.seq))
        start, end, line, of_gap = self.gaps[at]
        self.gaps[at : at + 1] = [gap for gap in [(start, seq - 1, line, of_gap), (seq + 1, end, line, of_gap)] if gap[0] <= gap[1]]

    def end(self, number, report):
        for gap in self.gaps:
            report_gap(gap)
        if self.seq is None:
            return
        late = {}
        for seq, _, origin in self.witnesses:
            if seq > self.seq + self.damaged:
                late.setdefault(seq, origin)
        for seq, origin in late.items():
            report("removed", number, "the log ends with record %d; %s knows %d" % (self.seq, origin, seq))


def report_gap(gap):
    start, end, line, report = gap
    report("removed", line, "record %d is missing" % start if start == end else "records %d to %d are missing" % (start, end))


# Ed25519 (RFC 8032, section 5.1), for verification only.
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def add(a, b):
    e, f, g, h = ((a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0]), 2 * a[3] * b[3] * D, 2 * a[2] * b[2])
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        total, point, scalar = add(total, point) if scalar & 1 else total, add(point, point), scalar >> 1
    return total


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of(bytes([0x58] + [0x66] * 31))


def is_signature(key, message, signature):
    try:
        scalar, first = int.from_bytes(signature[32:], "little"), point_of(signature[:32])
        digest = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
        left, right = times(scalar, BASE), add(first, times(digest, point_of(key)))
    except ValueError:
        return False
    return len(signature) == 64 and scalar < Q and all((left[at] * right[2] - right[at] * left[2]) % P == 0 for at in (0, 1))


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_keys(path):
    """Key ids are thumbprints (RFC 7638), whatever the document says."""
    with open(path, encoding="utf8") as file:
        found = json.load(file)
    keys = [key for key in found.get("keys", [found]) if key.get("kty") == "OKP" and key.get("crv") == "Ed25519"]
    canonical = ['{"crv":"Ed25519","kty":"OKP","x":"%s"}' % key["x"] for key in keys]
    ids = [base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() for text in canonical]
    return {kid: decode(key["x"]) for kid, key in zip(ids, keys)}


def signed_statement(what, jws, keys):
    """What was signed about a head or tombstone, or the reason why it does not count."""
    try:
        header, payload, signature = jws.split(".")
        named = json.loads(decode(header))
        if named.get("typ") != "barewire-audit-" + what:
            return "its type is not barewire-audit-" + what
        if named.get("kid") not in keys:
            return "its key is not among the trusted ones"
        if named.get("alg") != "EdDSA" or not is_signature(keys[named["kid"]], f"{header}.{payload}".encode(), decode(signature)):
            return "its signature does not match"
        head = json.loads(decode(payload))
    except (ValueError, AttributeError):
        return "its signature does not match"
    return head if isinstance(head, dict) and is_seq(head.get("seq")) and is_hash(head.get("hash")) else "it signs no head"


def check_signature(what, where, stored, members, keys, report):
    """The statement, if it is about this chain and says the same as the file."""
    statement = signed_statement(what, stored["signed"], keys)
    expected = dict(zip(("log", "folder", "replica"), where), **{name: stored[name] for name in members})
    if isinstance(statement, str):
        report("unsigned", 0, "the signature of the %s does not count: %s" % (what, statement))
    elif any(statement.get(name) != value for name, value in expected.items()):
        report("unsigned", 0, "the signature is of another " + what)
    else:
        return statement


def check_head(where, newest, stored, keys, report):
    if newest == 0:
        return
    if not isinstance(stored.get("signed"), str):
        return report("unsigned", 0, "the chain has no signed head")
    head = check_signature("head", where, stored, ("seq", "hash"), keys, report)
    if head is not None and newest > head["seq"]:
        report("notice", 0, "%d records after the signed head of %s have no signature" % (newest - head["seq"], head["time"]))


def read_json(path):
    try:
        with open(path, encoding="utf8", errors="replace") as file:
            value = parse(file.read())
    except FileNotFoundError:
        return {}
    return value if isinstance(value, dict) and is_hash(value.get("hash")) else {}


def read_head(path):
    head = read_json(path)
    return head if isinstance(head.get("seq"), (int, float)) else {}


def is_day_before(day, time):
    written = TIME.fullmatch(time) if isinstance(time, str) else None
    try:
        return written is not None and datetime.date.fromisoformat(day).isoformat() == day < written[1]
    except (TypeError, ValueError):
        return False


def read_tombstone(path):
    stone = read_json(path)
    return stone if is_day_before(stone.get("day"), stone.get("time")) and is_seq(stone.get("seq")) and is_seq(stone["broken"] + 1 if type(stone.get("broken")) in (int, float) else None) else {}


def pass_removed(chain, where, stone, left, keys, report_of):
    """The chain goes on after what its tombstone names. Files that a crash left behind must lead to the same record."""
    report, seq = report_of(where[2] + ".tombstone"), int(stone["seq"])
    report("notice", 0, "records 1 to %d, of the days up to %s, were removed at %s" % (seq, stone["day"], stone["time"]))
    if stone["broken"] > 0:
        report("changed", 0, "they were broken in %d places" % stone["broken"])
    if keys is not None and not isinstance(stone.get("signed"), str):
        report("unsigned", 0, "the tombstone has no signature")
    elif keys is not None:
        check_signature("tombstone", where, stone, ("seq", "hash", "day", "broken", "time"), keys, report)
    chain.compare(seq, stone["hash"], 0, report)
    chain.seq, chain.hash = seq, stone["hash"]
    remains, last, report = Chain(None, None, []), 0, None
    for path, file in left:
        report = report_of(file)
        last = remains.take_file(path, report)
    remains.end(last, report)
    if remains.seq is not None and (remains.seq, remains.hash) != (seq, stone["hash"]):
        report("changed", last, "the tombstone names another record as the last one of these days")
    return remains.records


def continued_in(log, folder, files):
    """The chains of an earlier version that the chains of this folder go on from: (folder, replica, seq, hash, naming file)."""
    former, seen = OF_ISSUER.fullmatch(folder), set()
    for name, _, writer in files if former else []:
        if writer in seen:
            continue
        seen.add(writer)
        for text, _, ended in lines_of(os.path.join(log, folder, name)):
            record = link_of(text) if ended else None
            if record is None or not is_sealed(text, record) or record.get("kind") != "log" or not isinstance(record.get("notice"), dict):
                break
            notice = record["notice"]
            if notice.get("what") == "continues" and notice.get("folder") == former[1] and is_hash(notice.get("hash")):
                yield former[1], notice["replica"], notice["seq"], notice["hash"], os.path.join(folder, name)


def verify(log, keys):
    breaches = records = files = summarised = 0
    heads, name = [], os.path.basename(os.path.abspath(log))

    def report_of(file):
        def report(what, line, detail):
            nonlocal breaches
            breach = what not in ("torn", "notice")
            breaches += breach
            print("%s %s: %s: %s" % ("BROKEN" if breach else "note", f"{file}:{line}" if line else file, what, detail))

        return report

    folders = sorted(entry.name for entry in os.scandir(log) if entry.is_dir() and not entry.name.startswith("."))
    found, chains = {}, {}
    for folder in folders:
        names = sorted(os.listdir(os.path.join(log, folder)))
        matches = [FILE.fullmatch(name) for name in names if not (name.endswith(".gz") and name[:-3] in names)]
        found[folder] = [(match[0], match[1], match[2]) for match in matches if match]
        chains[folder] = {writer for _, _, writer in found[folder]} | {about[1] for about in map(ABOUT_CHAIN.fullmatch, names) if about}
    continued = [chain for folder in folders for chain in continued_in(log, folder, found[folder])]
    for folder in folders:
        known, path_of = [chain for chain in continued if chain[0] == folder], functools.partial(os.path.join, log, folder)
        for replica in sorted(chains[folder] | {chain[1] for chain in known}):
            stored, stone = read_head(path_of(replica + ".head")), read_tombstone(path_of(replica + ".tombstone"))
            witnesses = [(stored["seq"], stored["hash"], "the head file")] if stored else []
            witnesses += [(seq, digest, file) for _, writer, seq, digest, file in known if writer == replica]
            chain = Chain(0, sha256("the audit log of %s by %s" % (folder, replica)), witnesses)
            own = [(file, day) for file, day, writer in found[folder] if writer == replica]
            of_chain, where, last = lambda file, folder=folder: report_of(os.path.join(folder, file)), (name, folder, replica), 0
            if stone:
                left = [(path_of(file), file) for file, day in own if day <= stone["day"]]
                records += pass_removed(chain, where, stone, left, keys, of_chain)
            for file, day in own:
                if not stone or day > stone["day"]:
                    last = chain.take_file(path_of(file), of_chain(file))
            chain.end(last, of_chain(own[-1][0] if own else replica + ".head"))
            if keys is not None:
                check_head(where, chain.seq, stored, keys, of_chain(replica + ".head"))
            files, records, summarised = files + len(own), records + chain.records, summarised + chain.summarised
            if chain.seq > 0:
                heads.append("head %s %s %d %s" % (folder, replica, chain.seq, chain.hash))
        for file in sorted(file for file in os.listdir(os.path.join(log, folder)) if file.endswith(".torn")):
            report_of(os.path.join(folder, file))("torn", 0, "%d bytes are set aside" % os.path.getsize(os.path.join(log, folder, file)))
    for folder, replica, seq, _, file in continued:
        if folder not in folders:
            report_of(folder)("removed", 0, "the log of %s is gone; %s knows record %d" % (replica, file, seq))
    for line in heads + (["note %d refusals have no record of their own; query --kind summary counts them" % summarised] if summarised else []):
        print(line)
    print("%d records in %d files: %s" % (records, files, "every chain holds" if breaches == 0 else "broken in %d places" % breaches))
    return 1 if breaches else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(verify(sys.argv[1], read_keys(sys.argv[2]) if len(sys.argv) == 3 else None))
