#include "table.h"

#include <gtest/gtest.h>

#include <set>

namespace spoa::settings {
namespace {

TEST(Table, HasEveryKeyAndEveryFlagOnce) {
  std::set<std::string_view> keys;
  std::set<std::string_view> flags;
  for (const Setting& setting : table()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    if (!setting.flag.empty()) {
      EXPECT_TRUE(setting.flag.starts_with("--")) << setting.flag;
      EXPECT_TRUE(flags.insert(setting.flag).second) << setting.flag;
    }
    EXPECT_TRUE(setting.help.ends_with('.')) << setting.key;
  }
}

TEST(Table, HasDefaultsThatItAcceptsItself) {
  for (const Setting& setting : table()) {
    Settings settings;
    ApplicationSettings application;
    Listen listen;
    for (const std::string_view value : defaults_of(setting)) {
      const auto complaint =
          assign(setting, value, setting.slot({settings, application, listen}));
      EXPECT_FALSE(complaint) << setting.key << ' ' << complaint->text;
    }
  }
}

TEST(Table, AgreesWithTheDefaultsOfTheFields) {
  Settings settings;
  assign_defaults(settings);
  const Settings fields;
  EXPECT_EQ(settings.workers, fields.workers);
  EXPECT_EQ(settings.queue, fields.queue);
  EXPECT_EQ(settings.processing_timeout, fields.processing_timeout);
  EXPECT_EQ(settings.max_frame_size, fields.max_frame_size);
  const Limits& limits = settings.limits;
  EXPECT_EQ(limits.connections, fields.limits.connections);
  EXPECT_EQ(limits.connections_per_address, 0U) << "no limit, as the field's largest";
  EXPECT_EQ(limits.frames_in_flight, fields.limits.frames_in_flight);
  EXPECT_EQ(limits.hello_timeout, fields.limits.hello_timeout);
  EXPECT_EQ(limits.idle_timeout, fields.limits.idle_timeout);
  EXPECT_EQ(limits.frame_timeout, fields.limits.frame_timeout);
  EXPECT_EQ(limits.buffered_per_connection_bytes,
            fields.limits.buffered_per_connection_bytes);
  EXPECT_EQ(limits.buffered_bytes, fields.limits.buffered_bytes);
  EXPECT_EQ(limits.unsent_bytes, fields.limits.unsent_bytes);
  EXPECT_EQ(settings.events, fields.events);
  EXPECT_EQ(settings.log_level, fields.log_level);
  EXPECT_EQ(settings.log_format, fields.log_format);
  EXPECT_EQ(settings.log_file, fields.log_file);
  ASSERT_EQ(settings.listen.size(), 1U);
  EXPECT_EQ(to_text(settings.listen.front().address), "127.0.0.1:12345");
  EXPECT_EQ(to_text(settings.admin), "127.0.0.1:9180");

  ApplicationSettings application;
  assign_defaults(application);
  EXPECT_EQ(application.policy.on_failure, Policy{}.on_failure);
  EXPECT_EQ(application.policy.on_timeout, Policy{}.on_timeout);
  EXPECT_EQ(application.policy.on_truncated_body, Policy{}.on_truncated_body);
}

// The words of a choice stand in the order of its enum: nothing else ties them together.
TEST(Table, MapsEveryWordToItsMeaning) {
  Settings settings;
  ApplicationSettings application;
  Listen listen;
  const auto set = [&](std::string_view key, std::string_view word) {
    const Setting* const setting = find(key);
    ASSERT_NE(setting, nullptr) << key;
    EXPECT_FALSE(assign(*setting, word, setting->slot({settings, application, listen})))
        << word;
  };
  set("log-level", "debug");
  EXPECT_EQ(settings.log_level, LogLevel::kDebug);
  set("log-level", "info");
  EXPECT_EQ(settings.log_level, LogLevel::kInfo);
  set("log-level", "warn");
  EXPECT_EQ(settings.log_level, LogLevel::kWarn);
  set("log-level", "error");
  EXPECT_EQ(settings.log_level, LogLevel::kError);
  set("log-format", "text");
  EXPECT_EQ(settings.log_format, LogFormat::kText);
  set("log-format", "json");
  EXPECT_EQ(settings.log_format, LogFormat::kJson);
  for (const bool deny : {true, false}) {
    const FailurePolicy policy = deny ? FailurePolicy::kDeny : FailurePolicy::kAllow;
    set("applications.*.on-failure", deny ? "deny" : "allow");
    EXPECT_EQ(application.policy.on_failure, policy);
    set("applications.*.on-timeout", deny ? "deny" : "allow");
    EXPECT_EQ(application.policy.on_timeout, policy);
  }
  set("applications.*.on-truncated-body", "allow");
  EXPECT_EQ(application.policy.on_truncated_body, TruncationPolicy::kAllow);
  set("applications.*.on-truncated-body", "deny");
  EXPECT_EQ(application.policy.on_truncated_body, TruncationPolicy::kDeny);
  set("applications.*.on-truncated-body", "inspect");
  EXPECT_EQ(application.policy.on_truncated_body, TruncationPolicy::kInspect);
}

TEST(Assign, KeepsBothEndsOfEveryRangeAndNothingBeyond) {
  struct Case {
    std::string_view key, good_low, good_high, bad_low, bad_high;
  };
  for (const Case& c :
       {Case{"workers", "0", "1024", "-1", "1025"},
        Case{"queue", "1", "1000000", "0", "1000001"},
        Case{"processing-timeout", "1ms", "10m", "0ms", "600001ms"},
        Case{"max-frame-size", "256", "64MiB", "255B", "67108865"},
        Case{"limits.connections", "0", "1000000", "-1", "18446744073709551616"},
        Case{"limits.connections-per-address", "0", "1000000", "-1", "1000001"},
        Case{"limits.hello-timeout", "1ms", "1h", "0", "3600001ms"},
        Case{"limits.idle-timeout", "0", "24h", "-1s", "86400001ms"},
        Case{"limits.frame-timeout", "1ms", "1h", "0", "3600001ms"},
        Case{"limits.buffered-per-connection", "256B", "64GiB", "255B", "65GiB"},
        Case{"limits.buffered", "256B", "64GiB", "255B", "65GiB"},
        Case{"limits.unsent", "16KiB", "64GiB", "16383B", "65GiB"},
        Case{"listen.*.mode", "0000", "0777", "-660", "1000"}}) {
    const Setting* const setting = find(c.key);
    ASSERT_NE(setting, nullptr) << c.key;
    Settings settings;
    ApplicationSettings none;
    Listen listen;
    const auto try_it = [&](std::string_view text) {
      return assign(*setting, text, setting->slot({settings, none, listen}));
    };
    EXPECT_FALSE(try_it(c.good_low)) << c.key;
    EXPECT_FALSE(try_it(c.good_high)) << c.key;
    EXPECT_TRUE(try_it(c.bad_low)) << c.key;
    EXPECT_TRUE(try_it(c.bad_high)) << c.key;
  }
}

TEST(Assign, LeavesThePlaceAloneWhenItRefuses) {
  Settings settings;
  settings.queue = 7;
  ApplicationSettings none;
  Listen listen;
  const Setting& queue = *find("queue");
  const auto complaint = assign(queue, "0", queue.slot({settings, none, listen}));
  ASSERT_TRUE(complaint);
  EXPECT_EQ(complaint->text, "is too small: 0");
  EXPECT_EQ(complaint->remedy, "allowed: 1 to 1000000");
  EXPECT_EQ(settings.queue, 7U);
}

TEST(Assign, RefusesControlCharactersThatWouldCutAFileNameShort) {
  Settings settings;
  ApplicationSettings none;
  Listen listen;
  const Setting& events = *find("events");
  const Slot slot = events.slot({settings, none, listen});
  EXPECT_TRUE(assign(events, std::string_view("a\0b", 3), slot));
  EXPECT_TRUE(assign(events, "a\nb", slot));
  EXPECT_TRUE(assign(events, "", slot));
}

TEST(NamesBelow, ListsOneLevel) {
  EXPECT_EQ(names_below("limits"),
            (std::vector<std::string_view>{
                "connections", "connections-per-address", "frames-in-flight",
                "hello-timeout", "idle-timeout", "frame-timeout",
                "buffered-per-connection", "buffered", "unsent"}));
  EXPECT_EQ(names_below("listen.*"),
            (std::vector<std::string_view>{"address", "mode", "group", "tls"}));
  EXPECT_EQ(names_below("applications"), (std::vector<std::string_view>{"*"}));
  EXPECT_TRUE(names_below("limit").empty());
  EXPECT_TRUE(names_below("queue").empty());
}

}  // namespace
}  // namespace spoa::settings
