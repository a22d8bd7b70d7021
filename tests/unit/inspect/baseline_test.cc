// The shipped baseline rules on the requests of cases/baseline.txt.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "rules.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

/// One block of the file; its Request views `text`.
struct Case {
  std::string name;
  std::string expected;  ///< "allow", or status and rule ids
  bool cut = false;
  std::string text;  ///< request line, headers, body, lines ended by CR LF
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

Request parse(const Case& given) {
  std::string_view rest = given.text;
  const std::string_view first = take_line(rest);
  const std::size_t method_end = first.find(' ');
  const std::size_t uri_end = first.rfind(" HTTP/");
  std::vector<Header> headers;
  for (std::string_view line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const std::size_t colon = line.find(':');
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    headers.push_back({line.substr(0, colon),
                       value == std::string_view::npos ? "" : line.substr(value)});
  }
  Request request =
      request_of(first.substr(0, method_end),
                 std::string(first.substr(method_end + 1, uri_end - method_end - 1)),
                 std::move(headers), rest);
  request.body_truncated = given.cut;
  return request;
}

void finish(std::vector<Case>& cases) {
  if (cases.empty()) return;
  std::string& text = cases.back().text;
  const bool has_body = text.find("\r\n\r\n") != std::string::npos;
  while (text.ends_with("\r\n")) text.resize(text.size() - 2);
  if (!has_body || text.find("\r\n\r\n") == std::string::npos) text += "\r\n\r\n";
}

std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      finish(cases);
      cases.push_back({line.substr(4), {}, false, {}});
    } else if (cases.empty()) {
      continue;
    } else if (cases.back().text.empty() && line.starts_with("expect: ")) {
      cases.back().expected = line.substr(8);
    } else if (cases.back().text.empty() && line == "cut: yes") {
      cases.back().cut = true;
    } else {
      cases.back().text += line + "\r\n";
    }
  }
  finish(cases);
  return cases;
}

std::string outcome(const Findings& findings) {
  if (!findings.intervention) return "allow";
  std::string text = std::to_string(findings.intervention->status);
  for (const RuleMatch& match : findings.matches) text += " " + std::to_string(match.id);
  return text;
}

TEST(BaselineRules, JudgeEveryCaseAsTheFileSays) {
  const auto rules = RuleSet::load({SPOA_RULES "/baseline.conf"});
  ASSERT_TRUE(rules) << rules.error().text;
  const auto cases = read_cases(SPOA_CASES "/baseline.txt");
  ASSERT_GT(cases.size(), 100U) << "the file was read";
  for (const Case& given : cases) {
    const Request request = parse(given);
    const Findings findings = inspect(*rules, request);
    EXPECT_EQ(outcome(findings), given.expected) << given.name;
  }
}

}  // namespace
}  // namespace spoa::inspect
