// How the library gets a request's body.
#pragma once

#include <string_view>

#include "body.h"
#include "shape.h"

namespace modsecurity {
class RulesSet;
class Transaction;
}  // namespace modsecurity

namespace spoa::inspect {

/// What a body asks of the rules, between phase 1 and hand_over(). Worker thread.
Shape shape_of(const Body& body, const modsecurity::RulesSet& rules,
               modsecurity::Transaction& transaction);

/// Appends a body to the transaction, between phase 1, whose rules choose what takes it
/// apart, and processRequestBody(). Worker thread.
///
/// - `cut`: HAProxy handed over less than the whole. Such a body, and one that is not
///   whole() itself, is completed, so that it is read as what it is. Was it malformed
///   already before the cut, then it is searched as a form, and REQBODY_ERROR is 1, as
///   for a whole body that does not parse.
/// - The lines of a multipart value stay apart: see multipart_lines.h.
/// - A body without a Content-Type is searched as a form.
/// - What is beyond the rules' own SecRequestBodyLimit and SecRequestBodyNoFilesLimit is
///   left out, and noted in `body`: the library would refuse all of it.
/// - Where the rules want no bodies (SecRequestBodyAccess Off), nothing is appended: the
///   library would take it apart all the same.
void hand_over(Body& body, bool cut, const modsecurity::RulesSet& rules,
               modsecurity::Transaction& transaction);

}  // namespace spoa::inspect
