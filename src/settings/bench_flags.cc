#include "bench_flags.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "spoa/spop.h"

namespace spoa::settings {
namespace {

constexpr std::array<std::string_view, 2> kArrivals{"poisson", "even"};
constexpr std::array<std::string_view, 3> kDialects{"named", "coraza", "2017"};

template <auto Member>
Slot bench(const Target& target) {
  return &(target.bench->*Member);
}

constexpr std::array kFlags{
    Setting{.key = "bench.target",
            .kind = Kind::kAddress,
            .flag = "--target",
            .help = "The agent. Any that speaks SPOP 2.0 will do.",
            .slot = bench<&BenchSettings::target>},
    Setting{.key = "bench.rate",
            .kind = Kind::kRates,
            .flag = "--rate",
            .help =
                "Open loop: so many requests a second, or one such stretch after "
                "another, each reported on its own. A rate of 0 is a pause. Left out, "
                "the loop is closed.",
            .slot = bench<&BenchSettings::rate>},
    Setting{.key = "bench.arrivals",
            .kind = Kind::kChoice,
            .words = kArrivals,
            .fallback = "poisson",
            .flag = "--arrivals",
            .help = "How requests of an open loop follow each other: at random, as those "
                    "of many clients do, or evenly spaced.",
            .slot = bench<&BenchSettings::arrivals>},
    Setting{.key = "bench.concurrency",
            .kind = Kind::kCount,
            .range = {1, 1'000'000},
            .fallback = "16",
            .flag = "--concurrency",
            .help = "Closed loop: requests that wait for their answer at once, over all "
                    "connections.",
            .slot = bench<&BenchSettings::concurrency>},
    Setting{.key = "bench.connections",
            .kind = Kind::kCount,
            .range = {1, 100'000},
            .fallback = "8",
            .flag = "--connections",
            .help = "Connections to the agent. The requests go over them in turn. One "
                    "that breaks is opened anew.",
            .slot = bench<&BenchSettings::connections>},
    Setting{.key = "bench.duration",
            .kind = Kind::kDuration,
            .range = {1, 86'400'000},
            .fallback = "10s",
            .flag = "--duration",
            .help = "How long to measure, unless --rate says it.",
            .slot = bench<&BenchSettings::duration>},
    Setting{.key = "bench.warmup",
            .kind = Kind::kDuration,
            .range = {0, 3'600'000},
            .fallback = "1s",
            .flag = "--warmup",
            .help = "Load before that, at the first rate, which is not counted.",
            .slot = bench<&BenchSettings::warmup>},
    Setting{.key = "bench.requests",
            .kind = Kind::kCount,
            .range = {0, 1'000'000'000'000},
            .fallback = "0",
            .flag = "--requests",
            .help = "Ends sooner, after so many counted requests. 0 is any number.",
            .slot = bench<&BenchSettings::requests>},
    Setting{.key = "bench.mix",
            .kind = Kind::kMix,
            .fallback = "get:60,query:38,form:27,json:22,attack:3",
            .flag = "--mix",
            .help = "Kinds of request and how many of each: a page, a page with five "
                    "parameters, a form of 500 bytes, JSON of 1.9 kB with 47 values, an "
                    "attack, which the rules should deny.",
            .slot = bench<&BenchSettings::mix>},
    Setting{.key = "bench.request",
            .kind = Kind::kFiles,
            .flag = "--request",
            .help =
                "A file with one HTTP/1 request, sent in place of the mix. Of several, "
                "each in turn.",
            .slot = bench<&BenchSettings::request_files>},
    Setting{.key = "bench.dialect",
            .kind = Kind::kChoice,
            .words = kDialects,
            .fallback = "named",
            .flag = "--dialect",
            .help = "How the agent wants the parts of a request: as in our examples for "
                    "HAProxy, as coraza-spoa's examples have them, or unnamed and in the "
                    "order of the agent of 2017.",
            .slot = bench<&BenchSettings::dialect>},
    Setting{.key = "bench.app",
            .kind = Kind::kName,
            .flag = "--app",
            .help = "The argument app of every request. Two at once, each with an "
                    "application of its own, show how fairly they are served.",
            .slot = bench<&BenchSettings::app>},
    Setting{.key = "bench.id-prefix",
            .kind = Kind::kWord,
            .fallback = "bench",
            .flag = "--id-prefix",
            .help = "What the argument id begins with. The rest makes it unique.",
            .slot = bench<&BenchSettings::id_prefix>},
    Setting{.key = "bench.max-frame-size",
            .kind = Kind::kSize,
            .range = {kSmallestMaxFrameSize, 64U << 20},
            .fallback = "65532",
            .flag = "--max-frame-size",
            .help = "Announced to the agent: HAProxy's tune.bufsize less 4.",
            .slot = bench<&BenchSettings::max_frame_size>},
    Setting{.key = "bench.in-time",
            .kind = Kind::kDuration,
            .range = {1, 600'000},
            .fallback = "400ms",
            .flag = "--in-time",
            .help = "An answer that takes no longer is in time.",
            .slot = bench<&BenchSettings::in_time>},
    Setting{.key = "bench.timeout",
            .kind = Kind::kDuration,
            .range = {1, 600'000},
            .fallback = "2s",
            .flag = "--timeout",
            .help = "A request that has no answer by then counts as unanswered. It also "
                    "bounds connecting.",
            .slot = bench<&BenchSettings::timeout>},
    Setting{.key = "bench.interval",
            .kind = Kind::kDuration,
            .range = {0, 3'600'000},
            .fallback = "0",
            .flag = "--interval",
            .help = "Reports every stretch of this length, too, as a timeline; 10ms at "
                    "least. 0 is none.",
            .slot = bench<&BenchSettings::interval>},
    Setting{.key = "bench.json",
            .kind = Kind::kSwitch,
            .flag = "--json",
            .help = "Prints one JSON object in place of the tables.",
            .slot = bench<&BenchSettings::json>},
};

class Reader {
 public:
  explicit Reader(const FlagValues& flags) : flags_(flags) {
    for (const Setting& row : kFlags) {
      for (const std::string_view value : defaults_of(row)) put(row, value);
    }
    for (const FlagValue& flag : flags_) {
      for (const std::string& value : flag.values) put(*flag.setting, value);
    }
  }

  Result<BenchSettings, std::vector<Problem>> read() {
    if (!given("--target")) complain("needs --target", "as in --target 127.0.0.1:12345");
    if (bench_.target.kind == Address::Kind::kSystemd) {
      complain("cannot connect to systemd", "name the socket's address");
    }
    if (given("--request")) exclude("--request", "--mix");
    if (bench_.dialect == QuestionDialect::k2017) exclude("--dialect 2017", "--app");
    if (bench_.rate.empty()) {
      if (given("--arrivals")) complain("--arrivals needs --rate", "add it");
    } else {
      exclude("--rate", "--concurrency");
      if (bench_.rate.front().length.count() > 0) exclude("--rate", "--duration");
      if (bench_.rate.front().length.count() == 0) {
        bench_.rate.front().length = bench_.duration;
      }
    }
    check_interval();
    if (bench_.timeout < bench_.in_time) {
      complain("--timeout is less than --in-time", "raise it, or lower --in-time");
    }
    if (!problems_.empty()) return std::move(problems_);
    return std::move(bench_);
  }

 private:
  static constexpr std::chrono::milliseconds kShortestInterval{10};
  static constexpr std::int64_t kMostRows = 10'000;

  void put(const Setting& row, std::string_view value) {
    Settings settings;
    ApplicationSettings application;
    Listen listen;
    // The command line has been checked, the table's own text is well-formed.
    static_cast<void>(
        assign(row, value, row.slot({settings, application, listen, &bench_})));
  }

  [[nodiscard]] bool given(std::string_view name) const {
    return std::any_of(flags_.begin(), flags_.end(),
                       [&](const FlagValue& flag) { return flag.setting->flag == name; });
  }

  void exclude(std::string_view one, std::string_view other) {
    if (!given(other)) return;
    complain(fmt::format("{} leaves no use for {}", one, other),
             fmt::format("leave out one of them"));
  }

  void check_interval() {
    if (bench_.interval.count() == 0) return;
    if (bench_.interval < kShortestInterval) {
      complain("--interval is too small", "0, or at least 10ms");
      return;
    }
    std::chrono::milliseconds whole{0};
    for (const RatePhase& phase : bench_.rate) whole += phase.length;
    if (bench_.rate.empty()) whole = bench_.duration;
    if (whole / bench_.interval >= kMostRows) {
      complain("--interval is too small for so long a run",
               fmt::format("at most {} intervals", kMostRows));
    }
  }

  void complain(std::string_view text, std::string remedy) {
    problems_.push_back({{}, 0, 0, fmt::format("bench: {}", text), std::move(remedy)});
  }

  const FlagValues& flags_;
  BenchSettings bench_;
  std::vector<Problem> problems_;
};

}  // namespace

std::span<const Setting> bench_flags() noexcept { return kFlags; }

Result<BenchSettings, std::vector<Problem>> read_bench(const FlagValues& flags) {
  return Reader(flags).read();
}

}  // namespace spoa::settings
