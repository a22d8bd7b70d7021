// Files that are none: pipes, devices, folders.
#include "files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "folder.h"
#include "settings_file.h"

namespace spoa::settings {
namespace {

// A pipe as --config once was opened like a file, and the start hung until somebody
// wrote.
TEST(ReadFile, RefusesAPipeWithoutWaitingForItsWriter) {
  const Folder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  // Ends the wait of a reader that should not be there, so that the test fails, not
  // hangs.
  std::thread writer([&] { ::close(::open(pipe.c_str(), O_WRONLY | O_CLOEXEC)); });
  const Reading reading = read_settings_file(pipe);
  const auto text = read_file(pipe, 10);
  const std::string why = why_unreadable(pipe);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  writer.join();
  ::close(reader);

  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].file, pipe);
  EXPECT_EQ(reading.problems[0].text,
            "cannot read the settings: it is not a regular file");
  EXPECT_FALSE(reading.problems[0].remedy.empty());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().why, "it is not a regular file");
  EXPECT_EQ(why, "it is not a regular file");
}

TEST(ReadFile, RefusesDevicesAndFolders) {
  for (const char* device : {"/dev/zero", "/dev/null"}) {
    const auto text = read_file(device, 10);
    ASSERT_FALSE(text) << device;
    EXPECT_EQ(text.error().why, "it is not a regular file") << device;
  }
  EXPECT_EQ(read_file("/", 10).error().why, "it is a folder");
  EXPECT_EQ(read_file("/no/such/file", 10).error().why, "No such file or directory");
}

TEST(ReadFile, ReadsNoMoreThanItIsAskedFor) {
  const Folder folder;
  const std::string file = folder.write("a", "0123456789");
  EXPECT_EQ(read_file(file, 100).value(), "0123456789");
  EXPECT_EQ(read_file(file, 4).value(), "0123");
  EXPECT_EQ(read_file(folder.write("b", ""), 100).value(), "");
}

}  // namespace
}  // namespace spoa::settings
