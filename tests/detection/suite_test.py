"""Tests of the suite itself: that nothing wrong can pass it. Needs no servers."""

import pathlib
import tempfile
import unittest

import cases
import compare
from compare import Outcome


def case(hostile, undetected="", false_positive=""):
    return cases.Case("a-case", "file", hostile, b"", undetected, false_positive)


def complaints(which, ours, theirs, explained=None):
    return compare.judge(which, ours, theirs, explained or {})


def passed(*rules):
    return Outcome("passed", 200, set(rules))


def denied(*rules):
    return Outcome("denied", 403, set(rules))


REFUSED = Outcome("refused", 400)


class Judge(unittest.TestCase):
    def test_equal_outcomes_need_no_explanation(self):
        self.assertEqual(complaints(case(True), denied(1, 2), denied(2, 1)), [])
        self.assertEqual(complaints(case(False), passed(3), passed(3)), [])

    def test_a_miss_cannot_be_explained_away(self):
        known = {"a-case": "passed | denied +1"}
        found = complaints(case(True, undetected="x"), passed(), denied(1), known)
        self.assertTrue(found and found[0].startswith("MISS"), found)

    def test_a_false_positive_of_ours_alone_cannot_be_explained_away(self):
        known = {"a-case": "denied +1 | passed"}
        found = complaints(case(False, false_positive="x"), denied(1), passed(), known)
        self.assertTrue(found and found[0].startswith("FALSE POSITIVE"), found)

    def test_one_rule_more_or_less_is_a_difference(self):
        self.assertTrue(complaints(case(True), denied(1), denied(1, 2)))
        self.assertTrue(complaints(case(False), passed(1), passed()))
        known = {"a-case": "denied | denied +2"}
        self.assertEqual(complaints(case(True), denied(1), denied(1, 2), known), [])

    def test_an_explanation_that_no_longer_fits_is_noticed(self):
        known = {"a-case": "denied +1 | refused"}
        self.assertEqual(complaints(case(True), denied(1), REFUSED, known), [])
        self.assertTrue(complaints(case(True), denied(1, 2), REFUSED, known))
        self.assertTrue(complaints(case(True), denied(1), denied(1), known))

    def test_an_attack_that_passes_must_say_so_and_one_that_says_so_must_pass(self):
        self.assertTrue(complaints(case(True), passed(), passed()))
        self.assertEqual(complaints(case(True, undetected="x"), passed(), passed()), [])
        self.assertTrue(complaints(case(True, undetected="x"), denied(1), denied(1)))

    def test_a_clean_request_that_is_stopped_must_say_so(self):
        self.assertTrue(complaints(case(False), denied(1), denied(1)))
        self.assertTrue(complaints(case(False, false_positive="x"), passed(), passed()))

    def test_an_answer_that_never_came_is_no_block(self):
        self.assertTrue(complaints(case(True), Outcome("refused", 0), Outcome("refused", 0)))
        self.assertTrue(complaints(case(True), Outcome("denied", 503, {1}), denied(1)))


class Explanations(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "differences.txt"
            path.write_text(text)
            return compare.read_explanations(path)

    def test_sections_have_a_text_and_lines(self):
        found = self.read("# x\n== title\nWhy\nso.\n- one: a | b\n- two: c | d\n")
        self.assertEqual([(e.title, e.text) for e in found], [("title", "Why so.")])
        self.assertEqual(found[0].cases, {"one": "a | b", "two": "c | d"})

    def test_a_line_that_cannot_be_read_is_told(self):
        with self.assertRaises(ValueError):
            self.read("== title\n- one a | b\n")


class Outcomes(unittest.TestCase):
    def test_events_and_audit_entries_are_found_by_the_name_of_the_case(self):
        audit = [{"unique_id": "a-case", "messages": [{"details": {"ruleId": "7"}}]}]
        events = [{"id": "a-case", "phase": 2, "rules": [{"id": 7}, {"id": 980130}]},
                  {"id": "a-case", "phase": 4, "rules": [{"id": 951100}]}]  # fmt: skip
        statuses = {"a-case": 403}
        found = compare.of_requests([case(True)], statuses, statuses, events, audit)
        self.assertEqual(found["a-case"], (denied(7), denied(7)))
        found = compare.of_responses([case(True)], statuses, events, audit)
        self.assertEqual([side.rules for side in found["a-case"]], [{951100}, set()])

    def test_a_page_that_came_through_was_not_denied(self):
        events = [{"id": "a-case", "phase": 4, "rules": [{"id": 951100}, {"id": 959100}]}]
        for status, what in ((403, "denied"), (200, "passed")):
            found = compare.of_responses([case(True)], {"a-case": status}, events, [])
            self.assertEqual(found["a-case"][0].what, what)

    def test_without_a_trace_of_inspection_a_stopped_request_was_refused(self):
        found = compare.of_requests([case(True)], {"a-case": 400}, {"a-case": 200}, [], [])
        self.assertEqual([side.what for side in found["a-case"]], ["refused", "passed"])


class Format(unittest.TestCase):
    def build(self, *lines, **flags):
        block = cases.Block("a-case", "here:1", list(lines), flags)
        return cases.build_request(block)

    def test_functions_work_from_the_inside_out(self):
        self.assertEqual(cases.expand("⟦url ⟦hex 2720⟧'⟧".encode(), ""), b"%27%20%27")
        self.assertEqual(cases.expand("⟦url2 '⟧⟦repeat 3 ab⟧".encode(), ""), b"%2527ababab")
        built = cases.expand("⟦u <⟧⟦ALL <⟧⟦wide <⟧".encode(), "")
        self.assertEqual(built, "%u003c%3C＜".encode())
        with self.assertRaises(cases.CaseError):
            cases.expand("⟦nothing x⟧".encode(), "")
        with self.assertRaises(cases.CaseError):
            cases.expand("⟦url x".encode(), "")

    def test_headers_of_a_case_replace_the_usual_ones(self):
        sent = self.build("GET /", "Host: other.example", "-User-Agent")
        self.assertIn(b"GET / HTTP/1.1\r\nAccept: ", sent)
        self.assertEqual(sent.count(b"Host:"), 1)
        self.assertNotIn(b"User-Agent", sent)
        self.assertTrue(sent.endswith(b"\r\n\r\n"))

    def test_bodies_are_announced(self):
        self.assertIn(b"Content-Length: 3\r\n\r\na=1", self.build("POST /", "", "a=1"))
        sent = self.build("POST /", "", "abcdef", chunked="4")
        self.assertTrue(sent.endswith(b"\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"), sent)

    def test_multipart_bodies_have_crlf(self):
        lines = ["POST /", "Content-Type: multipart/form-data; boundary=b", "", "--b", "--b--"]
        self.assertTrue(self.build(*lines).endswith(b"--b\r\n--b--\r\n"))
        self.assertTrue(self.build(*lines, lf="").endswith(b"--b\n--b--"))

    def test_mistakes_in_files_are_told(self):
        with tempfile.TemporaryDirectory(dir=cases.HERE) as folder:
            path = pathlib.Path(folder) / "x.txt"
            for text in ("== A name\nGET /", "stray", "== a-name\n@unknown\nGET /"):
                path.write_text(text)
                with self.assertRaises(cases.CaseError):
                    list(cases.read_blocks(path))

    def test_there_are_at_least_as_many_clean_requests_that_pass_as_attacks(self):
        requests = cases.load_requests()
        attacks = sum(c.hostile for c in requests)
        self.assertGreater(attacks, 300)
        clean = sum(not c.hostile and not c.false_positive for c in requests)
        self.assertGreaterEqual(clean, attacks)


if __name__ == "__main__":
    unittest.main()
