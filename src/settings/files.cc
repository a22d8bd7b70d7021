#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace spoa::settings {
namespace {

std::string why_not_regular(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "it is a folder";
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  return {};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string why_unreadable(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::strerror(errno);
  std::string why = why_not_regular(status);
  if (why.empty() && ::access(file.c_str(), R_OK) != 0) why = std::strerror(errno);
  return why;
}

Result<std::string, Unreadable> read_file(const std::string& file,
                                          std::size_t most_bytes) {
  // To open some devices is to use them, and a socket's error would say little.
  if (std::string why = why_unreadable(file); !why.empty()) return Unreadable{why};
  // It may have been replaced since: without O_NONBLOCK a pipe waits for its writer.
  const Descriptor input(
      ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (input.get() < 0 || ::fstat(input.get(), &status) != 0)
    return Unreadable{std::strerror(errno)};
  if (std::string why = why_not_regular(status); !why.empty()) return Unreadable{why};

  std::string text(most_bytes, '\0');
  std::size_t size = 0;
  while (size < most_bytes) {
    const ssize_t got = ::read(input.get(), text.data() + size, most_bytes - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unreadable{std::strerror(errno)};
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace spoa::settings
