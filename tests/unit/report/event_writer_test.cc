#include "event_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "temp_folder.h"

namespace spoa::report {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{60'000};

std::unique_ptr<EventWriter> open(const std::string& target,
                                  EventWriter::Limits limits = EventWriter::Limits{}) {
  auto writer = EventWriter::open(target, limits);
  return writer ? std::move(*writer) : nullptr;
}

Event event_of(std::uint64_t number, std::size_t payload = 0) {
  auto request = std::make_shared<Request>();
  request->payload.resize(payload);
  Event event;
  event.message = std::move(request);
  event.ruleset = number;
  return event;
}

std::vector<std::uint64_t> numbers_in(const std::string& path) {
  std::vector<std::uint64_t> numbers;
  std::istringstream lines(content_of(path));
  for (std::string line; std::getline(lines, line);) {
    numbers.push_back(nlohmann::json::parse(line)["ruleset"].get<std::uint64_t>());
  }
  return numbers;
}

/// Polls until `done`, for a minute at most; the test fails by its own expectation then.
template <typename Done>
void wait_for(Done done) {
  for (int i = 0; i < 6000 && !done(); ++i) std::this_thread::sleep_for(milliseconds(10));
}

/// A pipe with a reader that never reads.
class StuckPipe {
 public:
  explicit StuckPipe(const std::string& path) {
    if (::mkfifo(path.c_str(), 0600) == 0) {
      reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
  }
  ~StuckPipe() { hang_up(); }
  StuckPipe(const StuckPipe&) = delete;
  StuckPipe& operator=(const StuckPipe&) = delete;

  void hang_up() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }

 private:
  int reader_ = -1;
};

TEST(EventWriter, CreatesTheFileBeforeTheFirstEvent) {
  const TempFolder folder;
  const auto writer = open(folder / "events.jsonl");
  ASSERT_NE(writer, nullptr);
  EXPECT_TRUE(std::filesystem::exists(folder / "events.jsonl"));
}

TEST(EventWriter, TellsTheOperatorWhatToDoWhenTheFileCannotBeOpened) {
  const auto writer = EventWriter::open("/no/such/folder/events.jsonl");
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().text,
            "cannot open the events file /no/such/folder/events.jsonl: No such file or "
            "directory");
  EXPECT_FALSE(writer.error().remedy.empty());
}

TEST(EventWriter, WritesWithoutBeingClosed) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  const auto writer = open(path);
  ASSERT_NE(writer, nullptr);
  writer->write(event_of(1));
  wait_for([&] { return !content_of(path).empty(); });
  EXPECT_EQ(content_of(path).find(R"({"time":)"), 0U);
}

TEST(EventWriter, KeepsTheOrderAndLosesNothing) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  const auto writer = open(path);
  ASSERT_NE(writer, nullptr);
  constexpr std::uint64_t kEvents = 5000;
  for (std::uint64_t i = 0; i < kEvents; ++i) writer->write(event_of(i));
  writer->close(kLong);
  EXPECT_EQ(writer->dropped(), 0U);
  const auto numbers = numbers_in(path);
  ASSERT_EQ(numbers.size(), kEvents);
  for (std::uint64_t i = 0; i < kEvents; ++i) EXPECT_EQ(numbers[i], i);
}

TEST(EventWriter, WritesNothingAndCountsNothingForNone) {
  const auto writer = open("none");
  ASSERT_NE(writer, nullptr);
  writer->write(event_of(1));
  writer->reopen();
  writer->close(milliseconds(0));
  EXPECT_EQ(writer->dropped(), 0U);
}

TEST(EventWriter, DropsAndCountsWhenTheQueueIsFull) {
  const TempFolder folder;
  const StuckPipe pipe(folder / "pipe");
  const auto writer = open(folder / "pipe", {.events = 10, .bytes = 1 << 30});
  ASSERT_NE(writer, nullptr);
  constexpr std::uint64_t kEvents = 5000;  // far more than a pipe and the queue hold
  for (std::uint64_t i = 0; i < kEvents; ++i) writer->write(event_of(i));
  EXPECT_GT(writer->dropped(), 0U);
}

TEST(EventWriter, WeighsTheRequestsItKeepsAlive) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  const auto writer = open(path, {.events = 1000, .bytes = 100'000});
  ASSERT_NE(writer, nullptr);
  writer->write(event_of(1, 200'000));
  writer->write(event_of(2, 10));
  writer->close(kLong);
  EXPECT_EQ(writer->dropped(), 1U);
  EXPECT_EQ(numbers_in(path), std::vector<std::uint64_t>{2});
}

TEST(EventWriter, FreesTheRequestOnceItIsWritten) {
  const TempFolder folder;
  const auto writer = open(folder / "events.jsonl");
  ASSERT_NE(writer, nullptr);
  Event event = event_of(1);
  const std::weak_ptr<const Request> request = event.message;
  writer->write(std::move(event));
  wait_for([&] { return request.expired(); });
  EXPECT_TRUE(request.expired());
}

TEST(EventWriter, CountsWhatAFullDiskLoses) {
  const auto writer = open("/dev/full");
  ASSERT_NE(writer, nullptr);
  writer->write(event_of(1));
  writer->write(event_of(2));
  writer->close(kLong);
  EXPECT_EQ(writer->dropped(), 2U);
}

// Without a mask on its thread, SIGPIPE would end the process.
TEST(EventWriter, SurvivesAReaderThatGoesAway) {
  const TempFolder folder;
  StuckPipe pipe(folder / "pipe");
  const auto writer = open(folder / "pipe");
  ASSERT_NE(writer, nullptr);
  pipe.hang_up();
  writer->write(event_of(1));
  writer->close(kLong);
  EXPECT_EQ(writer->dropped(), 1U);
}

TEST(EventWriter, StopsThoughTheTargetIsStuckAndCountsWhatIsLeft) {
  const TempFolder folder;
  const StuckPipe pipe(folder / "pipe");
  const auto writer = open(folder / "pipe");
  ASSERT_NE(writer, nullptr);
  constexpr std::uint64_t kEvents = 5000;
  for (std::uint64_t i = 0; i < kEvents; ++i) writer->write(event_of(i));
  writer->close(milliseconds(0));
  EXPECT_GT(writer->dropped(), 0U);
  EXPECT_LE(writer->dropped(), kEvents);
}

TEST(EventWriter, DropsWhatComesAfterTheEnd) {
  const TempFolder folder;
  const auto writer = open(folder / "events.jsonl");
  ASSERT_NE(writer, nullptr);
  writer->close(kLong);
  writer->write(event_of(1));
  EXPECT_EQ(writer->dropped(), 1U);
}

TEST(EventWriter, GoesOnInANewFileAfterReopening) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  const auto writer = open(path);
  ASSERT_NE(writer, nullptr);
  writer->write(event_of(1));
  wait_for([&] { return !content_of(path).empty(); });
  std::filesystem::rename(path, folder / "old");
  writer->reopen();
  wait_for([&] { return std::filesystem::exists(path); });
  writer->write(event_of(2));
  writer->close(kLong);
  EXPECT_EQ(numbers_in(folder / "old"), std::vector<std::uint64_t>{1});
  EXPECT_EQ(numbers_in(path), std::vector<std::uint64_t>{2});
}

TEST(EventWriter, KeepsTheOldFileWhenReopeningFails) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "a");
  const auto writer = open(folder / "a/events.jsonl");
  ASSERT_NE(writer, nullptr);
  std::filesystem::rename(folder / "a", folder / "b");
  writer->reopen();
  writer->write(event_of(1));
  writer->close(kLong);
  EXPECT_EQ(writer->dropped(), 0U);
  EXPECT_EQ(numbers_in(folder / "b/events.jsonl"), std::vector<std::uint64_t>{1});
}

// For ThreadSanitizer above all: handing over, reopening and reading the counter at once.
TEST(EventWriter, TakesEventsReopensAndCountsAtTheSameTime) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  const auto writer = open(path, {.events = 64, .bytes = 1 << 20});
  ASSERT_NE(writer, nullptr);
  std::atomic<bool> stop{false};
  std::uint64_t seen = 0;
  std::thread scraper([&] {
    while (!stop.load()) seen = std::max(seen, writer->dropped());
  });
  constexpr std::uint64_t kEvents = 20'000;
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    writer->write(event_of(i, i % 100));
    if (i % 1000 == 0) writer->reopen();
  }
  writer->close(kLong);
  stop.store(true);
  scraper.join();
  const auto numbers = numbers_in(path);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  EXPECT_EQ(numbers.size() + writer->dropped(), kEvents);
  EXPECT_LE(seen, writer->dropped());
}

}  // namespace
}  // namespace spoa::report
