#include "script.h"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "hex.h"

namespace spoa::serve {
namespace {

using Kind = Step::Kind;

const std::map<std::string, Kind> kSteps = {
    {"@hello", Kind::kHello}, {"@send", Kind::kSend},       {"@other", Kind::kOther},
    {"@back", Kind::kBack},   {"@receive", Kind::kReceive}, {"@ack", Kind::kAck},
    {"@wait", Kind::kWait},   {"@unread", Kind::kUnread},   {"@closed", Kind::kClosed},
    {"@open", Kind::kOpen},   {"@close", Kind::kClose},     {"@reset", Kind::kReset}};

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error(why); }

bool is_end(Kind kind) { return kind >= Kind::kClosed; }
bool takes_bytes(Kind kind) { return kind == Kind::kSend || kind == Kind::kReceive; }

Step read_step(Kind kind, std::istringstream& words) {
  Step step;
  step.kind = kind;
  std::string word;
  if (kind == Kind::kHello) {
    step.size = 16380;
    words >> step.size;
  } else if (kind == Kind::kSend) {
    words >> step.times;
    if (!words) step.times = 1;
  } else if (kind == Kind::kWait) {
    words >> step.bytes;
  } else if (kind == Kind::kAck) {
    if (!(words >> step.stream >> step.frame)) fail("@ack wants a stream and a frame");
    while (words >> word) {
      const std::size_t equals = word.find('=');
      if (word.front() == '*') {
        step.times = std::stoul(word.substr(1));
      } else if (equals == std::string::npos) {
        fail("@ack wants NAME=VALUE: " + word);
      } else {
        step.variables.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      }
    }
    if (step.variables.empty()) fail("an ACK without a variable to look at");
  }
  return step;
}

void take_directive(const std::string& line, Script& script) {
  std::istringstream words(line);
  std::string name;
  words >> name >> std::ws;
  if (const auto step = kSteps.find(name); step != kSteps.end()) {
    script.steps.push_back(read_step(step->second, words));
    return;
  }
  std::string rest;
  std::getline(words, rest);
  if (name == "@row") {
    script.row = rest;
  } else if (name == "@settings") {
    script.settings += rest + "\n";
  } else if (name == "@library" && rest == "throws") {
    script.library_throws = true;
  } else if (name == "@times") {
    script.times = std::stoul(rest);
  } else if (name == "@counts") {
    script.counts = rest;
  } else {
    fail("what is " + line + "?");
  }
}

void take_bytes(const std::string& line, Script& script) {
  const auto bytes = wire::hex(line);
  if (bytes.empty()) return;
  if (script.steps.empty() || !takes_bytes(script.steps.back().kind)) {
    fail("bytes behind neither @send nor @receive");
  }
  script.steps.back().bytes.append(bytes.begin(), bytes.end());
}

void check(const Script& script) {
  if (script.row.empty()) fail("@row is missing");
  if (script.counts.empty()) fail("@counts is missing");
  if (script.steps.empty() || !is_end(script.steps.back().kind)) {
    fail("no end: @closed, @open, @close or @reset");
  }
  bool answers = false;
  for (const Step& step : script.steps) {
    answers = answers || step.kind == Kind::kReceive || step.kind == Kind::kAck ||
              step.kind == Kind::kUnread;
    if (takes_bytes(step.kind) && step.bytes.empty()) fail("no bytes");
  }
  const Kind end = script.steps.back().kind;
  if (!answers && (end == Kind::kClosed || end == Kind::kOpen)) {
    fail("no answer is expected, and the peer does not go: this proves nothing");
  }
}

}  // namespace

Script read_script(const std::string& text) {
  Script script;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('@')) {
      take_directive(line, script);
    } else {
      take_bytes(line, script);
    }
  }
  check(script);
  return script;
}

Script read_script(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  try {
    if (!in) fail("cannot be read");
    return read_script(text.str());
  } catch (const std::exception& e) {
    fail(file.filename().string() + ": " + e.what());
  }
}

}  // namespace spoa::serve
