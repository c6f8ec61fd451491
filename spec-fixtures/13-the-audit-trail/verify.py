#!/usr/bin/env python3
"""Verifies an audit log as src/governance/audit/FORMAT.md specifies it, with Python's standard library alone.

usage: verify.py FOLDER [KEYS]    FOLDER is the log of one server, KEYS a JWK Set with the keys that its heads are signed with

It prints the same lines as `audit verify --audit-dir … --server … --keys KEYS`, from code that shares nothing with it.
"""
import base64
import hashlib
import json
import os
import re
import sys

MAX_LINE, MAX_GAPS, MAX_SAFE = 4 * 1024 * 1024, 1000, 2**53 - 1
FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.([a-z0-9_-]+)\.jsonl")
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
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            ended = raw.endswith(b"\n")
            raw = raw[:-1] if ended else raw
            try:
                yield (raw.decode("utf8") if len(raw) <= MAX_LINE else None), number, ended
            except UnicodeDecodeError:
                yield None, number, ended


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
    """One tenant's records by one replica, in the order of their days."""

    def __init__(self, folder, replica, witnesses):
        self.seq, self.hash = 0, sha256("the audit log of %s by %s" % (folder, replica))
        self.witnesses, self.gaps, self.damaged, self.records, self.summarised = witnesses, [], 0, 0, 0

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
        for known_seq, known, origin in self.witnesses:
            if known_seq == seq and known != record["hash"]:
                report("changed", number, "record %d differs from the one that %s knows" % (seq, origin))
        if seq <= self.seq:
            self.take_late(seq, number, report)
        else:
            self.take_next(seq, record, number, report)
        summary = record.get("summary")
        if isinstance(summary, dict) and isinstance(summary.get("reasons"), dict):
            self.summarised += sum(each["count"] - each["recorded"] for each in summary["reasons"].values())
        if record.get("kind") == "log" and isinstance(record.get("notice"), dict):
            report("notice", number, json.dumps(record["notice"], separators=(",", ":"), ensure_ascii=False))

    def take_next(self, seq, record, number, report):
        missing = seq - (self.seq + 1) - self.damaged
        if missing > 0:
            self.gaps.append((seq - missing, seq - 1, number, report))
            if len(self.gaps) > MAX_GAPS:
                report_gap(self.gaps.pop(0))
        if seq == self.seq + 1 and record["prev"] != self.hash:
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


def signed_head(jws, keys):
    """What was signed, or the reason why it does not count."""
    try:
        header, payload, signature = jws.split(".")
        named = json.loads(decode(header))
        if named.get("typ") != "barewire-audit-head":
            return "its type is not barewire-audit-head"
        if named.get("kid") not in keys:
            return "its key is not among the trusted ones"
        if named.get("alg") != "EdDSA" or not is_signature(keys[named["kid"]], f"{header}.{payload}".encode(), decode(signature)):
            return "its signature does not match"
        head = json.loads(decode(payload))
    except (ValueError, AttributeError):
        return "its signature does not match"
    return head if isinstance(head, dict) and is_seq(head.get("seq")) and is_hash(head.get("hash")) else "it signs no head"


def check_signature(where, newest, stored, keys, report):
    if newest == 0:
        return
    if not isinstance(stored.get("signed"), str):
        return report("unsigned", 0, "the chain has no signed head")
    head = signed_head(stored["signed"], keys)
    if isinstance(head, str):
        return report("unsigned", 0, "the signature of the head does not count: " + head)
    if (head.get("log"), head.get("folder"), head.get("replica"), head["seq"], head["hash"]) != (*where, stored["seq"], stored["hash"]):
        return report("unsigned", 0, "the signature is of another head")
    if newest > head["seq"]:
        report("notice", 0, "%d records after the signed head of %s have no signature" % (newest - head["seq"], head["time"]))


def read_head(path):
    try:
        with open(path, encoding="utf8") as file:
            head = parse(file.read())
    except FileNotFoundError:
        return {}
    return head if isinstance(head, dict) and is_hash(head.get("hash")) and isinstance(head.get("seq"), (int, float)) else {}


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
    found = {}
    for folder in folders:
        matches = [FILE.fullmatch(entry) for entry in sorted(os.listdir(os.path.join(log, folder)))]
        found[folder] = [(match[0], match[1], match[2]) for match in matches if match]
    continued = [chain for folder in folders for chain in continued_in(log, folder, found[folder])]
    for folder in folders:
        known = [chain for chain in continued if chain[0] == folder]
        for replica in sorted({writer for _, _, writer in found[folder]} | {chain[1] for chain in known}):
            stored = read_head(os.path.join(log, folder, replica + ".head"))
            witnesses = [(stored["seq"], stored["hash"], "the head file")] if stored else []
            witnesses += [(seq, digest, file) for _, writer, seq, digest, file in known if writer == replica]
            chain, own = Chain(folder, replica, witnesses), [name for name, _, writer in found[folder] if writer == replica]
            report, last = report_of(os.path.join(folder, own[-1] if own else replica + ".head")), 0
            for file in own:
                report, last = report_of(os.path.join(folder, file)), 0
                for text, number, ended in lines_of(os.path.join(log, folder, file)):
                    chain.take(text, number, ended, report)
                    last = number
            chain.end(last, report)
            if keys is not None:
                check_signature((name, folder, replica), chain.seq, stored, keys, report_of(os.path.join(folder, replica + ".head")))
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
