#include "event_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "temp_folder.h"

namespace spoa::report {
namespace {

bool patient() { return true; }
bool impatient() { return false; }

/// No file of this process grows beyond `bytes` while this lives: a full disk, in small.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(EventFile, CreatesTheFileAndAppendsToIt) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  for (const std::string_view line : {"one\n", "two\n"}) {
    auto file = EventFile::open(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->write_line(line, patient), 0);
  }
  EXPECT_EQ(content_of(path), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U & ~0640U, 0U) << "no more than 0640";
}

TEST(EventFile, SaysWhyItCannotBeOpened) {
  const TempFolder folder;
  EXPECT_EQ(EventFile::open(folder / "no/such/file").error().code, ENOENT);
  EXPECT_EQ(EventFile::open(folder / ".").error().code, EISDIR);
}

TEST(EventFile, RefusesAPipeNobodyReadsInsteadOfHanging) {
  const TempFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(EventFile::open(path).error().code, ENXIO);
}

TEST(EventFile, StartsANewLineAfterHalfAOne) {
  const TempFolder folder;
  const std::string path = folder / "events.jsonl";
  auto file = EventFile::open(path);
  ASSERT_TRUE(file);
  {
    const FileSizeLimit limit(6);
    EXPECT_EQ(file->write_line("0123456789\n", patient), EFBIG);
    EXPECT_EQ(file->write_line("lost\n", patient), EFBIG);
  }
  EXPECT_EQ(file->write_line("next\n", patient), 0);
  EXPECT_EQ(file->write_line("last\n", patient), 0);
  EXPECT_EQ(content_of(path), "012345\nnext\nlast\n");
}

TEST(EventFile, ReportsAFullDevice) {
  auto file = EventFile::open("/dev/full");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write_line("x\n", patient), ENOSPC);
}

TEST(EventFile, GivesUpOnAFullPipeWhenToldSo) {
  const TempFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto file = EventFile::open(path);
  ASSERT_TRUE(file);
  const std::string line(1000, 'x');
  int error = 0;
  for (int i = 0; i < 10'000 && error == 0; ++i)
    error = file->write_line(line + "\n", impatient);
  EXPECT_EQ(error, EAGAIN);
  ::close(reader);
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(file->write_line("x\n", impatient), EPIPE);
}

}  // namespace
}  // namespace spoa::report
