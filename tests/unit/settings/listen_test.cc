// The items of `listen` that say more than an address.
#include <gtest/gtest.h>

#include "folder.h"
#include "settings_file.h"

namespace spoa::settings {
namespace {

class ListenItems : public testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(folder_.write("a.conf", "SecRuleEngine On\n"));
    static_cast<void>(folder_.write("cert.pem", ""));
    static_cast<void>(folder_.write("key.pem", ""));
    static_cast<void>(folder_.write("ca.pem", ""));
  }

  [[nodiscard]] auto read(const std::string& listen, const FlagValues& flags = {}) const {
    return read_settings(
        "listen: " + listen + "\napplications: {shop: {rules: a.conf}}\n",
        folder_.path("settings.yaml"), flags);
  }

  /// Every problem as COLUMN text; the settings' first line holds them all.
  [[nodiscard]] std::vector<std::string> problems(const std::string& listen) const {
    std::vector<std::string> texts;
    const auto settings = read(listen);
    if (settings) return texts;
    for (const Problem& problem : settings.error()) {
      EXPECT_EQ(problem.file, folder_.path("settings.yaml")) << problem.text;
      EXPECT_EQ(problem.line, 1) << problem.text;
      EXPECT_FALSE(problem.remedy.empty()) << problem.text;
      texts.push_back(std::to_string(problem.column) + ' ' + problem.text);
    }
    return texts;
  }

  using Texts = std::vector<std::string>;
  Folder folder_;
};

TEST_F(ListenItems, MayBePlainAndMappingsInOneList) {
  const auto settings = read(
      "[127.0.0.1:1, {address: unix:/run/x.sock, mode: 0600, group: root}, "
      "{address: 127.0.0.1:2}]");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  ASSERT_EQ(settings->listen.size(), 3U);
  EXPECT_EQ(to_text(settings->listen[0].address), "127.0.0.1:1");
  EXPECT_EQ(to_text(settings->listen[1].address), "unix:/run/x.sock");
  EXPECT_EQ(settings->listen[1].unix_mode, 0600U);
  EXPECT_EQ(settings->listen[1].unix_group, "root");
  EXPECT_EQ(to_text(settings->listen[2].address), "127.0.0.1:2");
  EXPECT_EQ(settings->listen[2].tls, std::nullopt);
}

TEST_F(ListenItems, MayBeASingleMapping) {
  const auto settings = read("{address: 127.0.0.1:1}");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  ASSERT_EQ(settings->listen.size(), 1U);
  EXPECT_EQ(to_text(settings->listen[0].address), "127.0.0.1:1");
}

TEST_F(ListenItems, GiveEveryUnixSocketAModeAndNothingElse) {
  const auto settings = read("[unix:/a, {address: unix:/b}, 127.0.0.1:1, systemd]");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  EXPECT_EQ(settings->listen.at(0).unix_mode, 0660U);
  EXPECT_EQ(settings->listen.at(1).unix_mode, 0660U);
  EXPECT_EQ(settings->listen.at(2).unix_mode, std::nullopt);
  EXPECT_EQ(settings->listen.at(3).unix_mode, std::nullopt);
  EXPECT_EQ(settings->listen.at(0).unix_group, "");

  const auto flag = read("127.0.0.1:1", {{find("listen"), {"unix:/c"}}});
  ASSERT_TRUE(flag) << to_text(flag.error(), "");
  EXPECT_EQ(flag->listen.at(0).unix_mode, 0660U);
}

TEST_F(ListenItems, TakeCertificatesFromTheSettingsFilesFolder) {
  const auto settings = read(
      "[{address: 127.0.0.1:1, tls: {certificate: cert.pem, key: key.pem, "
      "client-ca: ca.pem}}, {address: 127.0.0.1:2, tls: {certificate: cert.pem}}]");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  EXPECT_EQ(settings->listen.at(0).tls,
            (TlsFiles{folder_.path("cert.pem"), folder_.path("key.pem"),
                      folder_.path("ca.pem")}));
  EXPECT_EQ(settings->listen.at(1).tls,
            (TlsFiles{folder_.path("cert.pem"), folder_.path("cert.pem"), ""}))
      << "the key is in the certificate's file";
}

TEST_F(ListenItems, NeedAnAddressAndTlsACertificate) {
  EXPECT_EQ(problems("[{mode: 0660}]"), Texts{"10 listen[] has no address"});
  EXPECT_EQ(problems("[{}]"), Texts{"10 listen[] has no address"});
  EXPECT_EQ(problems("[{address: }]"), Texts{"11 listen[].address has no value"});
  EXPECT_EQ(problems("[{address: a}]"),
            Texts{"20 listen[].address is not an address: a"});
  EXPECT_EQ(problems("[{address: a:1, tls: {key: key.pem}}]"),
            Texts{"30 listen[].tls has no certificate"});
  EXPECT_EQ(problems("[{address: a:1, tls: {}}]"),
            Texts{"30 listen[].tls has no certificate"});
  EXPECT_EQ(problems("[{address: a:1, tls: }]"), Texts{"25 listen[].tls has no value"});
  EXPECT_EQ(problems("[{address: a:1, tls: x}]"),
            Texts{"30 listen[].tls must hold keys with values"});
}

TEST_F(ListenItems, RefuseFilesThatCannotBeRead) {
  EXPECT_EQ(
      problems("[{address: a:1, tls: {certificate: no.pem, key: ., "
               "client-ca: /dev/null}}]"),
      (Texts{"44 cannot read listen[].tls.certificate " + folder_.path("no.pem") +
                 ": No such file or directory",
             "57 cannot read listen[].tls.key " + folder_.path(".") + ": it is a folder",
             "71 cannot read listen[].tls.client-ca /dev/null: it is not a regular "
             "file"}));
}

TEST_F(ListenItems, RefuseWhatTheAddressCannotHave) {
  EXPECT_EQ(
      problems("[{address: a:1, mode: 0660, group: root}]"),
      (Texts{"31 listen[].mode is not for a:1", "44 listen[].group is not for a:1"}));
  EXPECT_EQ(problems("[{address: unix:/a, tls: {certificate: cert.pem}}]"),
            Texts{"34 listen[].tls is not for unix:/a"});
  EXPECT_EQ(problems("[{address: systemd, mode: 0660}]"),
            Texts{"35 listen[].mode is not for systemd"});
  EXPECT_EQ(problems("[{address: systemd, tls: {certificate: cert.pem}}]"),
            Texts{"34 listen[].tls is not for systemd"});
}

TEST_F(ListenItems, RefuseGroupsThatDoNotExist) {
  EXPECT_EQ(problems("[{address: unix:/a, group: 0}]"), Texts{});
  for (const std::string name :
       {"no-such-group", "3999999999", "4294967295", "4294967296", "-1"}) {
    EXPECT_EQ(problems("[{address: unix:/a, group: " + name + "}]"),
              Texts{"36 listen[].group does not exist: " + name});
  }
}

TEST_F(ListenItems, ReportAllMistakesOfAnItemAtOnce) {
  EXPECT_EQ(problems("[nowhere, {adress: a:1, mode: 660, group: no-such-group, "
                     "tls: {cert: x, key: no.pem}}]"),
            (Texts{"10 listen is not an address: nowhere", "19 listen[] has no address",
                   "20 unknown key: adress", "39 listen[].mode is not a mode: 660",
                   "51 listen[].group does not exist: no-such-group",
                   "71 listen[].tls has no certificate", "72 unknown key: cert",
                   "86 cannot read listen[].tls.key " + folder_.path("no.pem") +
                       ": No such file or directory"}));
}

TEST_F(ListenItems, AreComparedByAddress) {
  EXPECT_EQ(problems("[unix:/a, {address: unix:/a, mode: 0600}]"),
            Texts{"19 listen has unix:/a twice"});
}

TEST_F(ListenItems, AreReplacedWholeByAFlag) {
  const auto settings =
      read("[{address: unix:/a, group: no-such-group}]", {{find("listen"), {"unix:/b"}}});
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  ASSERT_EQ(settings->listen.size(), 1U);
  EXPECT_EQ(to_text(settings->listen[0].address), "unix:/b");
  EXPECT_EQ(settings->listen[0].unix_group, "");
}

TEST_F(ListenItems, SayWhereAMisplacedKeyBelongs) {
  const auto misplaced = read("127.0.0.1:1\nclient-ca: ca.pem\nmode: 0660");
  ASSERT_FALSE(misplaced);
  ASSERT_EQ(misplaced.error().size(), 2U);
  EXPECT_NE(misplaced.error()[0].remedy.find("under tls in an item of listen"),
            std::string::npos)
      << misplaced.error()[0].remedy;
  EXPECT_NE(misplaced.error()[1].remedy.find("under an item of listen"),
            std::string::npos)
      << misplaced.error()[1].remedy;
}

}  // namespace
}  // namespace spoa::settings
