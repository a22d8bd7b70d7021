#include "reload_answers.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace spoa::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostWaiters = 64;  // each keeps a connection, and its descriptor

accept::HttpAnswer json_answer(int status, const Json& json) {
  // File names are bytes: what is no UTF-8 is replaced.
  return {status,
          "application/json",
          json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
          {}};
}

Json list_of(const std::vector<Problem>& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) {
    const int line = std::max(problem.line, 1);
    const int column = std::max(problem.column, 1);
    Json item;
    item["place"] =
        problem.file.empty() ? "" : fmt::format("{}:{}:{}", problem.file, line, column);
    item["file"] = problem.file;
    item["line"] = line;
    item["column"] = column;
    item["problem"] = problem.text;
    item["remedy"] = problem.remedy;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

accept::HttpAnswer reloaded_answer(
    const Generation& generation,
    const std::vector<settings::NeedsRestart>& needs_restart) {
  Json json;
  json["result"] = "reloaded";
  json["ruleset"] = generation.number;
  json["rules"] = generation.rule_count;
  json["applications"] = Json::array();
  for (const Application& application : generation.applications) {
    json["applications"].push_back(application.name);
  }
  json["default_application"] = generation.default_application().name;
  json["load_ms"] = generation.load_time.count() / 1000;
  json["warnings"] = list_of(generation.warnings);
  json["needs_restart"] = Json::array();
  for (const settings::NeedsRestart& each : needs_restart) {
    json["needs_restart"].push_back({{"setting", each.setting},
                                     {"in_force", each.in_force},
                                     {"wanted", each.wanted}});
  }
  return json_answer(200, json);
}

accept::HttpAnswer refused_answer(const Generation& in_force,
                                  const std::vector<Problem>& errors) {
  Json json;
  json["result"] = "refused";
  json["ruleset"] = in_force.number;
  json["errors"] = list_of(errors);
  return json_answer(422, json);
}

accept::HttpAnswer draining_answer() {
  return json_answer(503, {{"result", "draining"}});
}

ReloadAnswers::ReloadAnswers(accept::Loop& loop, std::chrono::milliseconds patience)
    : patience_(patience), timer_(loop, [this] { expire(); }) {}

void ReloadAnswers::add(Reloader::Run run, accept::HttpReply reply) {
  if (waiters_.size() >= kMostWaiters) {
    reply(json_answer(503, {{"result", "too many wait for a reload already"}}));
    return;
  }
  waiters_.push_back({run, Clock::now() + patience_, std::move(reply)});
  if (waiters_.size() == 1) arm();
}

void ReloadAnswers::end(Reloader::Run run, const accept::HttpAnswer& answer) {
  while (!waiters_.empty() && waiters_.front().run <= run) {
    waiters_.front().reply(answer);
    waiters_.pop_front();
  }
  arm();
}

void ReloadAnswers::end_all(const accept::HttpAnswer& answer) {
  for (const Waiter& waiter : waiters_) waiter.reply(answer);
  waiters_.clear();
  arm();
}

void ReloadAnswers::expire() {
  const auto now = Clock::now();
  while (!waiters_.empty() && waiters_.front().due <= now) {
    waiters_.front().reply(json_answer(504, {{"result", "still loading"}}));
    waiters_.pop_front();
  }
  arm();
}

void ReloadAnswers::arm() {
  if (waiters_.empty()) {
    timer_.stop();
    return;
  }
  timer_.start(std::chrono::duration_cast<std::chrono::microseconds>(
      std::max(waiters_.front().due - Clock::now(), Clock::duration{0})));
}

}  // namespace spoa::serve
