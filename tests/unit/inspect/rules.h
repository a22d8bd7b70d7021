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

#include "ruleset.h"
#include "spoa/request.h"

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
