// The command `check`, and what `run` does before it starts.
#pragma once

#include <optional>

#include "loaded.h"
#include "settings/invocation.h"

namespace spoa::serve {

/// The library that runs is the one this program was built for. Ask before anything is
/// loaded.
bool library_fits();

/// Loads rules and certificates. On mistakes lists them all on standard error and returns
/// nothing.
std::optional<Loaded> load_or_complain(const Settings& settings);

/// What is wrong with the command line or the settings; with settings that are wrong,
/// what is wrong with the rules, too, as far as they can be found. Returns the exit
/// status.
int refuse(const settings::InvocationError& error);

/// `check`: returns the exit status.
int check(const settings::Invocation& invocation);

}  // namespace spoa::serve
