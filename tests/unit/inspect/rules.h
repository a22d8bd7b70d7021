// Rule sets and requests for the tests of this stage.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

#include "engine.h"
#include "progress.h"
#include "ruleset.h"
#include "spoa/request.h"
#include "transaction.h"

namespace spoa::inspect {

/// A rules file that is gone when the test is over.
class RulesFile {
 public:
  explicit RulesFile(std::string_view rules)
      : path_(std::filesystem::temp_directory_path() /
              ("rules-" + std::to_string(::getpid()) + "-" + std::to_string(++count_) +
               ".conf")) {
    std::ofstream(path_) << "SecRuleEngine On\nSecRequestBodyAccess On\n" << rules;
  }
  ~RulesFile() { std::filesystem::remove(path_); }
  RulesFile(const RulesFile&) = delete;
  RulesFile& operator=(const RulesFile&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

inline std::shared_ptr<const RuleSet> rules_of(std::string_view text,
                                               RuleFacts facts = {}) {
  const RulesFile file(text);
  auto loaded = RuleSet::load({file.path()}, std::move(facts));
  if (!loaded) {
    ADD_FAILURE() << loaded.error().text;
    std::abort();
  }
  return *loaded;
}

/// A profile of these rules with the usual settings.
inline std::shared_ptr<const Profile> profile_of(std::shared_ptr<const RuleSet> rules,
                                                 const BodyLimits& bodies = {}) {
  Profile profile{"default", std::move(rules), bodies, {}, {}};
  profile.responses.types = {"text/html", "application/json"};
  return std::make_shared<const Profile>(std::move(profile));
}

/// A shared pointer to what the test owns.
inline std::shared_ptr<const Request> borrowed(const Request& request) {
  return {std::shared_ptr<void>(), &request};
}

/// One for all tests: its destructor cleans up for the whole process.
inline Engine& test_engine() {
  static Engine engine;
  return engine;
}

/// Phases 1, 2 and 5.
inline Findings inspect(const std::shared_ptr<const RuleSet>& rules,
                        const Request& request, const BodyLimits& bodies = {}) {
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules, bodies), borrowed(request));
  Findings findings = transaction.inspect_request(progress);
  transaction.log();
  return findings;
}

/// The texts given must outlive the request: literals do.
inline Request request_of(std::string_view method, std::string uri,
                          std::vector<Header> headers = {}, std::string_view body = {}) {
  Request request;
  request.id = "test-id";
  request.method = method;
  request.uri = std::move(uri);
  request.version = "1.1";
  request.headers = std::move(headers);
  request.body = as_bytes(body);
  request.client = {"192.0.2.7", 40000};
  request.server = {"2001:db8::1", 443};
  return request;
}

}  // namespace spoa::inspect
