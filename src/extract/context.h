// What HAProxy knows beside the request: arguments `tx.NAME` and TLS fingerprints.
#pragma once

#include <string>

#include "arguments.h"
#include "spoa/context.h"
#include "spoa/frame.h"

namespace spoa::extract {

/// Numeric, without brackets.
std::string spell(const Ipv4& address);
std::string spell(const Ipv6& address);

/// Reads every `tx.NAME`, and fingerprints the client's TLS from the `tls_*`.
///
/// A boolean becomes 1 or 0, a number is decimal, an address numeric, a string as it is,
/// binary lower-case hex. NULL is no variable. The same name twice (whatever its case, as
/// in TX) must have the same value, else the arguments' fault is kContradiction. What is
/// left out is counted in Context::dropped.
///
/// No name is reserved: they come from the operator's HAProxy, not from its clients.
Context read_context(Arguments& arguments);

}  // namespace spoa::extract
