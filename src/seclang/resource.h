// Finds the files that rules name, in the places where libmodsecurity 3.0.9 looks: first
// relative to the working directory, then beside the file that names them; wildcards and
// quotes as in a shell, but without commands.
#pragma once

#include <string>
#include <vector>

namespace spoa::seclang {

struct Found {
  std::vector<std::string> files;       ///< can be opened, in order of loading
  std::vector<std::string> unreadable;  ///< matched, but the library passes over them
  bool in_working_directory = false;    ///< a relative path that is not beside its file
  std::string problem;                  ///< why there are no files
};

/// The files of an Include. `resource` is what follows the directive, quotes included;
/// `from` is the file that holds it.
Found find_included(const std::string& resource, const std::string& from);

/// The file an operator or a setting names. Empty: there is none that can be opened.
std::string find_data_file(const std::string& resource, const std::string& from);

/// Why the library could not read this as a regular file; empty: it could.
std::string why_unreadable(const std::string& path);

/// Why the library could not append to this file, making it if need be; empty: it could.
/// Makes and changes nothing.
std::string why_not_appendable(const std::string& path);

}  // namespace spoa::seclang
