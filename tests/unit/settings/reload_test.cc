#include "reload.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "settings_file.h"
#include "table.h"

namespace spoa::settings {
namespace {

/// Reads settings that name `file`, which is there, as FILE.
Settings read(std::string yaml) {
  static const Folder folder;
  static const std::string file = folder.write("file", "");
  yaml += "\napplications: {a: {rules: FILE}}\n";
  for (std::size_t at = 0; (at = yaml.find("FILE")) != std::string::npos;) {
    yaml.replace(at, 4, file);
  }
  const auto settings = read_settings(yaml, "settings.yaml");
  if (settings) return *settings;
  ADD_FAILURE() << to_text(settings.error(), yaml);
  return {};
}

/// A value that the row allows and that is not its default.
std::string other_value(const Setting& setting) {
  switch (setting.kind) {
    case Kind::kAddress:
    case Kind::kAddresses:
      return "127.0.0.1:1";
    case Kind::kCount:
      return std::to_string(setting.range.most);
    case Kind::kDuration:
      return duration_text(setting.range.most);
    case Kind::kSize:
      return size_text(setting.range.most);
    case Kind::kChoice:
      return std::string(setting.words[setting.words[0] == setting.fallback ? 1 : 0]);
    default:
      return "other";
  }
}

bool equal(Slot a, Slot b) {
  return std::visit(
      [&](auto* place) {
        auto** const other = std::get_if<decltype(place)>(&b);
        return other != nullptr && *place == **other;
      },
      a);
}

TEST(Reload, TakesInOrNamesEverySettingOfTheDaemon) {
  const Settings in_force = read("");
  std::size_t taken = 0;
  std::size_t left = 0;
  for (const Setting& setting : table()) {
    if (setting.of_application() || setting.of_listen()) continue;
    Settings wanted = in_force;
    ApplicationSettings none;
    Listen no_item;
    const Slot slot = setting.slot({wanted, none, no_item});
    clear(slot);
    const std::string value = other_value(setting);
    ASSERT_FALSE(assign(setting, value, slot)) << setting.key << ' ' << value;

    const auto named = needs_restart(in_force, wanted);
    Settings after = taken_in(in_force, wanted);
    const bool is_in_force = equal(setting.slot({after, none, no_item}), slot);
    EXPECT_EQ(is_in_force, setting.is_taken_in()) << setting.key;
    EXPECT_EQ(named.size(), setting.is_taken_in() ? 0U : 1U) << setting.key;
    ++(is_in_force ? taken : left);
    if (named.empty()) continue;
    EXPECT_EQ(named[0].setting, setting.key);
    EXPECT_EQ(named[0].wanted, value);
    EXPECT_NE(named[0].in_force, value);
  }
  EXPECT_GE(taken, 4U);
  EXPECT_GE(left, 15U);
}

TEST(Reload, TakesInApplications) {
  Settings wanted = read("");
  wanted.applications[0].policy.on_failure = FailurePolicy::kDeny;
  wanted.applications.push_back(wanted.applications[0]);
  wanted.applications[1].name = "b";
  wanted.default_application = "b";
  EXPECT_TRUE(needs_restart(read(""), wanted).empty());
  const Settings after = taken_in(read(""), wanted);
  ASSERT_EQ(after.applications.size(), 2U);
  EXPECT_EQ(after.applications[0].policy.on_failure, FailurePolicy::kDeny);
  EXPECT_EQ(after.default_application, "b");
}

TEST(NeedsRestart, WritesValuesAsTheOperatorDoes) {
  const Settings in_force = read("workers: 2\nlimits: {connections: 0}\n");
  const Settings wanted = read(
      "workers: 3\nmax-frame-size: 64KiB\nlog-format: json\n"
      "limits: {idle-timeout: 2s}\n");
  std::string text;
  for (const NeedsRestart& each : needs_restart(in_force, wanted)) {
    text += each.setting + ": " + each.in_force + " -> " + each.wanted + "\n";
  }
  EXPECT_EQ(text,
            "workers: 2 -> 3\nmax-frame-size: 1MiB -> 64KiB\n"
            "limits.connections: 0 -> 10000\nlimits.idle-timeout: 0ms -> 2s\n"
            "log-format: text -> json\n");
}

TEST(NeedsRestart, SaysWhatItemsOfListenSay) {
  const Settings in_force = read("listen: [127.0.0.1:1, unix:/x]\n");
  const Settings wanted = read(
      "listen:\n  - 127.0.0.1:1\n  - {address: unix:/x, mode: 0600, group: root}\n"
      "  - {address: 127.0.0.1:2, tls: {certificate: FILE}}\n");
  const auto named = needs_restart(in_force, wanted);
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].setting, "listen");
  EXPECT_EQ(named[0].in_force, "127.0.0.1:1, unix:/x mode 0660");
  EXPECT_EQ(named[0].wanted,
            "127.0.0.1:1, unix:/x mode 0600 group root, 127.0.0.1:2 with tls");
}

TEST(TakenIn, LeavesListenersButTakesTheirCertificates) {
  Settings in_force = read("");
  Settings wanted = in_force;
  const Address address{Address::Kind::kTcp, "127.0.0.1", 1, {}};
  in_force.listen = {{address, TlsFiles{"old", "old", ""}, {}, {}}};
  wanted.listen = {{Address{}, {}, {}, {}},
                   {address, TlsFiles{"new", "key", ""}, {}, {}}};
  const Settings after = taken_in(in_force, wanted);
  ASSERT_EQ(after.listen.size(), 1U);
  EXPECT_EQ(after.listen[0].tls->certificate, "new");
  // TLS itself begins and ends with a restart.
  wanted.listen[1].tls.reset();
  EXPECT_EQ(taken_in(in_force, wanted).listen[0].tls->certificate, "old");
}

TEST(SameListener, IsFoundByAddressAndOrder) {
  const Listen free_port{Address{Address::Kind::kTcp, "127.0.0.1", 0, {}}, {}, {}, {}};
  const Listen fixed{Address{Address::Kind::kTcp, "127.0.0.1", 1, {}}, {}, {}, {}};
  const std::vector<Listen> in_force{free_port, fixed, free_port};
  const std::vector<Listen> wanted{fixed, free_port, free_port};
  EXPECT_EQ(same_listener(in_force, 0, wanted), 1U);
  EXPECT_EQ(same_listener(in_force, 1, wanted), 0U);
  EXPECT_EQ(same_listener(in_force, 2, wanted), 2U);
  EXPECT_EQ(same_listener(in_force, 2, {free_port}), std::nullopt);
}

}  // namespace
}  // namespace spoa::settings
