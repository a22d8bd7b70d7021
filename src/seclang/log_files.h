// The files that loading rules may make.
#pragma once

#include <string>
#include <vector>

#include "reader.h"

namespace spoa::seclang {

/// The paths, each once, that the library may open for appending as it loads these rules,
/// and so makes when they are not there: of SecDebugLog, and when something switches the
/// audit log on, of SecAuditLog and SecAuditLog2. A setting that a later one replaces is
/// among them. What exists and is no regular file (/dev/null, a pipe) is left out.
///
/// Any thread. Looks at the files' status only.
std::vector<std::string> log_files(const Document& document);

}  // namespace spoa::seclang
