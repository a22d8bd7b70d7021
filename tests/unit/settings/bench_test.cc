#include <gtest/gtest.h>

#include "command_line.h"
#include "commands.h"
#include "invocation.h"

namespace spoa::settings {
namespace {

using std::chrono::milliseconds;

Result<Invocation, InvocationError> invoke(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"spoa-modsecurity", "bench"});
  return read_invocation(static_cast<int>(flags.size()), flags.data());
}

BenchSettings bench(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"--target", "127.0.0.1:1"});
  const auto invocation = invoke(std::move(flags));
  EXPECT_TRUE(invocation) << invocation.error().text;
  return invocation ? invocation->bench : BenchSettings{};
}

/// The text of every mistake; all of them lie in the command line.
std::string refusal(std::vector<const char*> flags) {
  const auto invocation = invoke(std::move(flags));
  if (invocation) return "good";
  EXPECT_EQ(invocation.error().exit_status, 64);
  return invocation.error().text;
}
std::string refusal_beside_target(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"--target", "127.0.0.1:1"});
  return refusal(std::move(flags));
}

TEST(BenchFlags, HaveTheDefaultsOfTheFields) {
  const BenchSettings settings = bench({});
  const BenchSettings fields;
  EXPECT_EQ(to_text(settings.target), "127.0.0.1:1");
  EXPECT_EQ(settings.rate, fields.rate);
  EXPECT_EQ(settings.arrivals, fields.arrivals);
  EXPECT_EQ(settings.concurrency, fields.concurrency);
  EXPECT_EQ(settings.connections, fields.connections);
  EXPECT_EQ(settings.duration, fields.duration);
  EXPECT_EQ(settings.warmup, fields.warmup);
  EXPECT_EQ(settings.requests, fields.requests);
  EXPECT_EQ(settings.mix, fields.mix);
  EXPECT_EQ(settings.dialect, fields.dialect);
  EXPECT_EQ(settings.app, fields.app);
  EXPECT_EQ(settings.id_prefix, fields.id_prefix);
  EXPECT_EQ(settings.max_frame_size, fields.max_frame_size);
  EXPECT_EQ(settings.in_time, fields.in_time);
  EXPECT_EQ(settings.timeout, fields.timeout);
  EXPECT_EQ(settings.interval, fields.interval);
  EXPECT_FALSE(settings.json);
}

TEST(BenchFlags, ReachTheirFields) {
  const BenchSettings settings = bench(
      {"--concurrency",    "3",      "--connections", "4",    "--duration",  "5s",
       "--warmup",         "0",      "--requests",    "6",    "--mix",       "get,json:2",
       "--dialect",        "coraza", "--app",         "shop", "--id-prefix", "x",
       "--max-frame-size", "16380",  "--in-time",     "7ms",  "--timeout",   "8ms",
       "--interval",       "1s",     "--json"});
  EXPECT_EQ(settings.concurrency, 3U);
  EXPECT_EQ(settings.connections, 4U);
  EXPECT_EQ(settings.duration, milliseconds(5000));
  EXPECT_EQ(settings.warmup, milliseconds(0));
  EXPECT_EQ(settings.requests, 6U);
  EXPECT_EQ(settings.mix, (MixWeights{1, 0, 0, 2, 0}));
  EXPECT_EQ(settings.dialect, QuestionDialect::kCoraza);
  EXPECT_EQ(settings.app, "shop");
  EXPECT_EQ(settings.id_prefix, "x");
  EXPECT_EQ(settings.max_frame_size, 16380U);
  EXPECT_EQ(settings.in_time, milliseconds(7));
  EXPECT_EQ(settings.timeout, milliseconds(8));
  EXPECT_EQ(settings.interval, milliseconds(1000));
  EXPECT_TRUE(settings.json);
}

TEST(BenchFlags, MapTheWordsOfTheirChoices) {
  EXPECT_EQ(bench({"--rate", "1", "--arrivals", "even"}).arrivals, Arrivals::kEven);
  EXPECT_EQ(bench({"--rate", "1", "--arrivals", "poisson"}).arrivals, Arrivals::kPoisson);
  EXPECT_EQ(bench({"--dialect", "named"}).dialect, QuestionDialect::kNamed);
  EXPECT_EQ(bench({"--dialect", "2017"}).dialect, QuestionDialect::k2017);
}

TEST(BenchFlags, TakeARateWithItsDurationElsewhereOrPhases) {
  EXPECT_EQ(bench({"--rate", "500"}).rate,
            (std::vector<RatePhase>{{500, milliseconds(10'000)}}));
  EXPECT_EQ(bench({"--rate", "500", "--duration", "1m"}).rate,
            (std::vector<RatePhase>{{500, milliseconds(60'000)}}));
  EXPECT_EQ(bench({"--rate", "500:10s,0:5s,3000:20ms"}).rate,
            (std::vector<RatePhase>{{500, milliseconds(10'000)},
                                    {0, milliseconds(5'000)},
                                    {3000, milliseconds(20)}}));
}

TEST(BenchFlags, TakeSeveralRequestFiles) {
  EXPECT_EQ(bench({"--request", "a.http", "--request", "b.http"}).request_files,
            (std::vector<std::string>{"a.http", "b.http"}));
}

TEST(BenchFlags, RefuseRatesThatMakeNoSense) {
  for (const char* rate : {"x", "-1", "1000001", "1:", "1:0s", "1:5", "1:25h", "1,2",
                           "1:1s,", ",1:1s", "1:1s,,1:1s", "1:1s,2", "0", "0:1s,0:2s"}) {
    EXPECT_NE(refusal_beside_target({"--rate", rate}).find("--rate"), std::string::npos)
        << rate;
  }
}

TEST(BenchFlags, RefuseMixesThatMakeNoSense) {
  for (const char* mix :
       {"gets", "get:", "get:0", "get:10001", "get,get", "get,", ":1"}) {
    EXPECT_NE(refusal_beside_target({"--mix", mix}).find("--mix"), std::string::npos)
        << mix;
  }
  EXPECT_NE(refusal_beside_target({"--mix", "gets"}).find("did you mean `get`"),
            std::string::npos);
}

TEST(BenchFlags, NeedATargetThatCanBeConnectedTo) {
  EXPECT_NE(refusal({}).find("needs --target"), std::string::npos);
  EXPECT_NE(refusal({"--target", "systemd"}).find("systemd"), std::string::npos);
  EXPECT_EQ(refusal({"--target", "unix:/run/waf.sock"}), "good");
  EXPECT_EQ(refusal({"--target", "[::1]:1"}), "good");
}

TEST(BenchFlags, RefuseWhatWouldHaveNoEffect) {
  EXPECT_NE(refusal_beside_target({"--rate", "1", "--concurrency", "2"}).find("no use"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--rate", "1:1s", "--duration", "2s"}).find("no use"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--request", "a", "--mix", "get"}).find("no use"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--dialect", "2017", "--app", "a"}).find("no use"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--arrivals", "even"}).find("--rate"),
            std::string::npos);
}

TEST(BenchFlags, KeepIntervalsAndTimesInProportion) {
  EXPECT_NE(refusal_beside_target({"--interval", "9ms"}).find("--interval"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--interval", "10ms", "--duration", "100s"})
                .find("--interval"),
            std::string::npos);
  EXPECT_EQ(refusal_beside_target({"--interval", "10ms", "--duration", "99s"}), "good");
  EXPECT_NE(refusal_beside_target({"--in-time", "3s"}).find("--timeout"),
            std::string::npos);
}

TEST(BenchFlags, ReportEveryMistakeAtOnce) {
  const std::string text =
      refusal({"--rate", "1", "--concurrency", "2", "--in-time", "1h"});
  EXPECT_NE(text.find("1 error"), std::string::npos) << "out of range, found at once";
  EXPECT_NE(refusal({"--rate", "1", "--concurrency", "2"}).find("2 errors"),
            std::string::npos);
}

TEST(BenchFlags, KnowNothingOfSettings) {
  EXPECT_NE(refusal_beside_target({"--config", "x"}).find("unknown flag of bench"),
            std::string::npos);
  EXPECT_NE(refusal_beside_target({"--workers", "1"}).find("unknown flag of bench"),
            std::string::npos);
  EXPECT_EQ(help_text(commands()[2]).find("--config"), std::string::npos);
}

TEST(BenchFlags, AreNoFlagsOfOtherCommands) {
  EXPECT_FALSE(read_command_line({"run", "--target", "a:1"}));
  EXPECT_FALSE(read_command_line({"check", "--json"}));
}

}  // namespace
}  // namespace spoa::settings
