#include "event_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace spoa::report {
namespace {

constexpr int kPollMilliseconds = 100;

/// 0 when `fd` takes bytes, or fails at once when given some; else EAGAIN or poll's
/// error.
int wait_writable(int fd, const std::function<bool()>& may_wait) {
  for (;;) {
    const bool wait = may_wait();
    pollfd entry{fd, POLLOUT, 0};
    const int ready = ::poll(&entry, 1, wait ? kPollMilliseconds : 0);
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return errno;
    if (!wait) return EAGAIN;
  }
}

}  // namespace

Result<EventFile, SystemError> EventFile::open(const std::string& path) {
  const bool owned = path != "-";
  // Non-blocking for the sake of pipes: neither opening nor writing may hang.
  constexpr int kFlags =
      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const int fd = owned ? ::open(path.c_str(), kFlags, 0640) : STDOUT_FILENO;
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) return SystemError{errno};
  return EventFile(fd, owned, S_ISREG(status.st_mode));
}

EventFile::EventFile(EventFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      owned_(other.owned_),
      regular_(other.regular_),
      mid_line_(other.mid_line_) {}

EventFile& EventFile::operator=(EventFile&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    owned_ = other.owned_;
    regular_ = other.regular_;
    mid_line_ = other.mid_line_;
  }
  return *this;
}

EventFile::~EventFile() { close(); }

void EventFile::close() noexcept {
  if (owned_ && fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int EventFile::write_line(std::string_view line, const std::function<bool()>& may_wait) {
  std::size_t written = 0;
  if (mid_line_) {
    const int error = write_bytes("\n", may_wait, written);
    if (error != 0) return error;
    mid_line_ = false;
  }
  written = 0;
  const int error = write_bytes(line, may_wait, written);
  mid_line_ = written > 0 && written < line.size();
  return error;
}

int EventFile::write_bytes(std::string_view bytes, const std::function<bool()>& may_wait,
                           std::size_t& written) {
  while (written < bytes.size()) {
    const int blocked = wait_writable(fd_, may_wait);
    if (blocked != 0) return blocked;
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking, no more.
    const std::size_t left = bytes.size() - written;
    const std::size_t chunk = regular_ ? left : std::min<std::size_t>(left, PIPE_BUF);
    const ssize_t n = ::write(fd_, bytes.data() + written, chunk);
    if (n >= 0) {
      written += static_cast<std::size_t>(n);
    } else if (errno != EINTR && (errno != EAGAIN || !may_wait())) {
      return errno;
    }
  }
  return 0;
}

}  // namespace spoa::report
