// From the arguments of a NOTIFY to a Request.
#pragma once

#include <cstdint>
#include <vector>

#include "spoa/frame.h"
#include "spoa/request.h"

namespace spoa::extract {

/// Builds the request. Never fails: what is missing or wrong is said in Request::fault,
/// and everything that could be read is there all the same (the id above all).
///
/// payload         the NOTIFY's payload, owned; `arguments` are views into it
/// max_frame_size  bytes, as negotiated: without an announced size, a body in a payload
/// that
///                 nearly fills the frame was probably cut
///
/// What an operator's message leaves out is absent, not wrong: HAProxy was told not to
/// send it. Only the method must be there. What was sent as NULL is a sample that failed:
/// no path is normal for `OPTIONS *` and CONNECT, no headers means they did not fit.
Request build_request(std::vector<std::uint8_t> payload,
                      const std::vector<Argument>& arguments,
                      std::uint32_t max_frame_size);

/// The request of a NOTIFY that could not be decoded: an id, and fault kUndecodable.
Request undecodable_request(std::vector<std::uint8_t> payload);

}  // namespace spoa::extract
