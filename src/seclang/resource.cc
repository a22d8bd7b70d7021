#include "resource.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace spoa::seclang {

namespace {

std::string reason(int error) { return std::system_category().message(error); }

int error_of_open(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

bool can_open(const std::string& path) { return error_of_open(path, O_RDONLY) == 0; }

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

struct Expansion {
  std::vector<std::string> files;
  std::vector<std::string> unreadable;
  bool refused = false;  // it spells a command, or is no shell word
};

Expansion expand(const std::string& pattern) {
  Expansion out;
  wordexp_t words{};
  const int status = ::wordexp(pattern.c_str(), &words, WRDE_NOCMD);
  out.refused = status != 0;
  if (status == 0) {
    for (std::size_t i = 0; i < words.we_wordc; ++i) {
      const std::string path = words.we_wordv[i];
      if (can_open(path)) {
        out.files.push_back(path);
      } else if (exists(path)) {
        out.unreadable.push_back(path);
      }
    }
  }
  if (status == 0 || status == WRDE_NOSPACE) ::wordfree(&words);
  return out;
}

// As the library computes it: a file without a slash has no folder that could be found.
std::string beside(const std::string& from, const std::string& resource) {
  return from.substr(0, from.find_last_of("/\\")) + "/" + resource;
}

std::vector<std::string> canonical(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    std::error_code ignored;  // then the path stays as it is
    const auto whole = std::filesystem::canonical(path, ignored);
    if (!whole.empty()) path = whole.string();
  }
  return paths;
}

}  // namespace

Found find_included(const std::string& resource, const std::string& from) {
  Found found;
  const std::string near = beside(from, resource);
  Expansion here = expand(resource);
  Expansion there = expand(near);
  const bool is_here = can_open(resource) || !here.files.empty();
  const bool is_there = can_open(near) || !there.files.empty();
  Expansion& chosen = is_here || (!is_there && !here.unreadable.empty()) ? here : there;
  const bool absolute = resource.find_first_not_of('"') == resource.find('/');
  const bool from_here = from.find('/') == std::string::npos;
  found.in_working_directory = is_here && !absolute && !from_here &&
                               canonical(here.files) != canonical(there.files);
  found.files = std::move(chosen.files);
  found.unreadable = std::move(chosen.unreadable);
  if (!found.files.empty() || !found.unreadable.empty()) return found;
  if (is_here || is_there || chosen.refused) {
    found.problem =
        "the path holds a blank or a character that means something to a shell";
  } else {
    found.problem = "there is no such file";
  }
  return found;
}

std::string find_data_file(const std::string& resource, const std::string& from) {
  if (can_open(resource)) return resource;
  if (!expand(resource).files.empty()) return "";  // taken as it is, and not found
  const std::string near = beside(from, resource);
  return can_open(near) ? near : "";
}

std::string why_unreadable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return reason(errno);
  if (S_ISDIR(status.st_mode)) return "it is a folder";
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  const int error = error_of_open(path, O_RDONLY);
  return error == 0 ? "" : reason(error);
}

std::string why_not_appendable(const std::string& path) {
  const int error = error_of_open(path, O_WRONLY | O_APPEND);
  if (error != ENOENT || exists(path)) return error == 0 ? "" : reason(error);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return "";
  return folder + ": " + reason(errno);
}

}  // namespace spoa::seclang
