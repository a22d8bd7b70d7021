// The file behind the events: whole lines, appended.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "spoa/result.h"

namespace spoa::report {

/// What the system said: a value of errno.
struct SystemError {
  int code = 0;
};

/// Owns a descriptor, but for standard output, which it borrows. One thread at a time.
class EventFile {
 public:
  /// Opens `path` for appending, created with mode 0640 when it is not there. "-" is
  /// standard output. A pipe nobody reads is refused (ENXIO).
  static Result<EventFile, SystemError> open(const std::string& path);

  EventFile(EventFile&& other) noexcept;
  EventFile& operator=(EventFile&& other) noexcept;
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;
  ~EventFile();

  /// Writes a line, which brings its line break. 0, or the errno that ended the attempt.
  ///
  /// While a pipe is full it asks `may_wait` ten times a second whether to go on; EAGAIN
  /// when that says no. After a line of which only a part was written, the next one
  /// starts with a line break, so that two never become one.
  int write_line(std::string_view line, const std::function<bool()>& may_wait);

 private:
  EventFile(int fd, bool owned, bool regular) noexcept
      : fd_(fd), owned_(owned), regular_(regular) {}

  /// As write_line, for any bytes; `written` counts those that got through.
  int write_bytes(std::string_view bytes, const std::function<bool()>& may_wait,
                  std::size_t& written);
  void close() noexcept;

  int fd_ = -1;
  bool owned_ = false;
  bool regular_ = false;
  bool mid_line_ = false;
};

}  // namespace spoa::report
