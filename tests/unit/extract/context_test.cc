#include "context.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace spoa::extract {
namespace {

using namespace std::string_view_literals;

class Message {
 public:
  Message& with(std::string_view name, Value value) {
    sent_.push_back({"check-request", 0, static_cast<std::uint32_t>(sent_.size()), name,
                     std::move(value)});
    return *this;
  }
  [[nodiscard]] Context read() const {
    Arguments arguments(sent_);
    return read_context(arguments);
  }
  [[nodiscard]] RequestFault fault() const {
    Arguments arguments(sent_);
    read_context(arguments);
    return arguments.fault();
  }

 private:
  std::vector<Argument> sent_;
};

std::uint32_t dropped(const Context& context, ContextDrop drop) {
  return context.dropped.at(static_cast<std::size_t>(drop));
}

TEST(ReadContext, SpellsEveryType) {
  Ipv6 v6;
  v6.octets[0] = 0x20;
  v6.octets[1] = 0x01;
  v6.octets[15] = 1;
  const Context context = Message()
                              .with("tx.yes", true)
                              .with("tx.no", false)
                              .with("tx.rate", std::int64_t{17})
                              .with("tx.debt", std::int64_t{-3})
                              .with("tx.large", std::uint64_t{18446744073709551615U})
                              .with("tx.v4", Ipv4{{192, 0, 2, 7}})
                              .with("tx.v6", v6)
                              .with("tx.client_cn", "Ada Lovelace"sv)
                              .with("tx.digest", as_bytes("\x0a\xff"sv))
                              .with("tx.empty", ""sv)
                              .read();
  std::map<std::string_view, std::string> values;
  for (const ContextValue& value : context.values) values[value.name] = value.text;
  const std::map<std::string_view, std::string> expected{
      {"yes", "1"},        {"no", "0"},
      {"rate", "17"},      {"debt", "-3"},
      {"v4", "192.0.2.7"}, {"v6", "2001::1"},
      {"empty", ""},       {"client_cn", "Ada Lovelace"},
      {"digest", "0aff"},  {"large", "18446744073709551615"}};
  EXPECT_EQ(values, expected);
}

TEST(ReadContext, TakesNullForNoVariable) {
  const Context context = Message().with("tx.client_cn", std::monostate{}).read();
  EXPECT_TRUE(context.values.empty());
  EXPECT_EQ(context.dropped, decltype(context.dropped){}) << "not an error either";
}

TEST(ReadContext, WantsPlainNames) {
  const std::string longest = "tx." + std::string(64, 'n');
  const std::string too_long = longest + 'n';
  const Context context = Message()
                              .with("tx.a.b-c_D9", ""sv)
                              .with(longest, ""sv)
                              .with(too_long, ""sv)
                              .with("tx.", ""sv)
                              .with("tx.a b", ""sv)
                              .with("tx.\xc3\xa9", ""sv)
                              .read();
  EXPECT_EQ(context.values.size(), 2U);
  EXPECT_EQ(dropped(context, ContextDrop::kBadName), 4U);
}

TEST(ReadContext, TakesSixtyFourAndCountsTheRest) {
  Message message;
  std::vector<std::string> names;
  for (int i = 0; i < 70; ++i) names.push_back("tx.n" + std::to_string(i));
  for (const std::string& name : names) message.with(name, std::int64_t{1});
  const Context context = message.read();
  EXPECT_EQ(context.values.size(), kMaxContextValues);
  EXPECT_EQ(dropped(context, ContextDrop::kTooMany), 6U);
}

TEST(ReadContext, DropsWhatIsTooLongWhole) {
  const std::string fits(kMaxContextTextBytes, 'x');
  const std::string half(kMaxContextTextBytes / 2 + 1, 'x');
  const Context context = Message()
                              .with("tx.fits", std::string_view(fits))
                              .with("tx.hex", as_bytes(half))
                              .read();
  ASSERT_EQ(context.values.size(), 1U);
  EXPECT_EQ(context.values[0].name, "fits");
  EXPECT_EQ(dropped(context, ContextDrop::kTooLong), 1U);
}

// Names in TX know no case: the second would take the place of the first.
TEST(ReadContext, RefusesOneNameWithTwoValues) {
  EXPECT_EQ(Message().with("tx.rate", "1"sv).with("tx.Rate", "2"sv).fault(),
            RequestFault::kContradiction);
  const Message same = Message().with("tx.rate", "1"sv).with("tx.Rate", "1"sv);
  EXPECT_EQ(same.fault(), RequestFault::kNone);
  EXPECT_EQ(same.read().values.size(), 1U);
}

/// As HAProxy sends it for a hello with two ciphers and no extensions.
Message tls() {
  return Message()
      .with("tls", true)
      .with("tls_hello_id", std::int64_t{769})
      .with("tls_ciphers", as_bytes("\0\x04\0\x05"sv))
      .with("tls_exts", as_bytes(""sv))
      .with("tls_groups", as_bytes(""sv))
      .with("tls_ecformats", as_bytes(""sv));
}

TEST(ReadContext, FingerprintsTls) {
  const Context context = tls().read();
  // MD5 of "769,4-5,,,".
  EXPECT_EQ(context.ja3.text, "1d70598d8ccdfcb836bfeb091ab8e469");
  EXPECT_TRUE(context.ja4.text.starts_with("t10i020000_")) << context.ja4.text;
}

TEST(ReadContext, SaysNothingOfPlainConnections) {
  const Context context = Message()
                              .with("tls", false)
                              .with("tls_hello_id", std::monostate{})
                              .with("tls_ciphers", std::monostate{})
                              .read();
  EXPECT_EQ(context.ja3.gap, FingerprintGap::kNone);
  EXPECT_TRUE(context.ja3.text.empty());
  const Context silent = Message().with("tls_ciphers", std::monostate{}).read();
  EXPECT_EQ(silent.ja3.gap, FingerprintGap::kNone) << "nothing says that it is TLS";
}

TEST(ReadContext, SaysNothingWhereNobodyAsks) {
  const Context context = Message().with("tls", true).with("tls_sni", "x"sv).read();
  EXPECT_EQ(context.ja3.gap, FingerprintGap::kNone);
  EXPECT_EQ(context.ja4.gap, FingerprintGap::kNone);
}

// Without tune.ssl.capture-buffer-size HAProxy captures nothing.
TEST(ReadContext, SaysWhenHaproxyCapturedNothing) {
  const Context context = Message()
                              .with("tls", true)
                              .with("tls_hello_id", std::monostate{})
                              .with("tls_ciphers", std::monostate{})
                              .with("tls_exts", std::monostate{})
                              .with("tls_groups", std::monostate{})
                              .with("tls_ecformats", std::monostate{})
                              .read();
  EXPECT_EQ(context.ja3.gap, FingerprintGap::kNotCaptured);
  EXPECT_EQ(context.ja4.gap, FingerprintGap::kNotCaptured);
}

// A fingerprint is an extra: it must not cost the inspection.
TEST(ReadContext, DoesNotBlameTheRequestForAWrongType) {
  const Message message = Message()
                              .with("tls", true)
                              .with("tls_hello_id", "771"sv)
                              .with("tls_ciphers", as_bytes("\0\x04"sv))
                              .with("tls_exts", as_bytes(""sv));
  EXPECT_EQ(message.fault(), RequestFault::kNone);
  EXPECT_EQ(message.read().ja3.gap, FingerprintGap::kWrongType);
}

}  // namespace
}  // namespace spoa::extract
