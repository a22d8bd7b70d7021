#include "request_body.h"

#include <algorithm>
#include <optional>

#include <modsecurity/modsecurity.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include "complete.h"
#include "multipart_lines.h"

namespace spoa::inspect {
namespace {

using Library = modsecurity::Transaction;
using Properties = modsecurity::RulesSetProperties;

enum class Format { kNone, kForm, kMultipart, kJson, kXml };

/// As the library decides in processRequestBody().
Format format_of(const Library& transaction) {
  if (transaction.m_requestBodyProcessor == Library::XMLRequestBody) return Format::kXml;
  if (transaction.m_requestBodyProcessor == Library::JSONRequestBody)
    return Format::kJson;
  if (transaction.m_requestBodyType == Library::MultiPartRequestBody)
    return Format::kMultipart;
  if (transaction.m_requestBodyType == Library::WWWFormUrlEncoded) return Format::kForm;
  return Format::kNone;
}

void make_form(Library& transaction) {
  transaction.m_requestBodyProcessor = Library::UnknownFormat;
  transaction.m_requestBodyType = Library::WWWFormUrlEncoded;
}

bool wants_bodies(const modsecurity::RulesSet& rules, const Library& transaction) {
  if (transaction.m_requestBodyAccess == Properties::TrueConfigBoolean) return true;
  return transaction.m_requestBodyAccess != Properties::FalseConfigBoolean &&
         rules.m_secRequestBodyAccess != Properties::FalseConfigBoolean;
}

/// A part of the rules' own limit is kept for what completes the body.
void apply_limits(Body& body, Format format, const modsecurity::RulesSet& rules) {
  auto limit = static_cast<double>(body.bytes.size());
  const auto lower = [&](const modsecurity::ConfigDouble& own) {
    if (own.m_value > 0 && own.m_value < limit) limit = own.m_value - own.m_value / 16;
  };
  lower(rules.m_requestBodyLimit);
  if (format != Format::kMultipart && format != Format::kNone) {
    lower(rules.m_requestBodyNoFilesLimit);
  }
  const auto kept = static_cast<std::size_t>(limit);
  if (kept == body.bytes.size()) return;
  body.bytes = body.bytes.first(kept);
  if (body.fault == BodyFault::kNone) body.fault = BodyFault::kLimit;
}

char separator_of(const modsecurity::RulesSet& rules) {
  const auto& own = rules.m_secArgumentSeparator;
  return own.m_set && !own.m_value.empty() ? own.m_value.front() : '&';
}

std::string content_type_of(Library& transaction) {
  const auto type = transaction.m_variableRequestHeaders.resolveFirst("Content-Type");
  return type ? *type : std::string();
}

std::optional<std::string> boundary_of(Library& transaction) {
  return multipart_boundary(content_type_of(transaction));
}

std::optional<Completion> complete(std::string_view cut, Format format,
                                   const modsecurity::RulesSet& rules,
                                   Library& transaction) {
  switch (format) {
    case Format::kNone:
      break;
    case Format::kForm:
      return complete_form(cut);
    case Format::kMultipart: {
      const auto boundary = boundary_of(transaction);
      if (!boundary) return std::nullopt;
      return complete_multipart(cut, *boundary);
    }
    case Format::kJson: {
      constexpr double kLibraryDepth = 10000;  // where the rules set none
      const auto& own = rules.m_requestBodyJsonDepthLimit;
      return complete_json(
          cut, static_cast<std::size_t>(own.m_set ? own.m_value : kLibraryDepth));
    }
    case Format::kXml:
      return complete_xml(cut);
  }
  return Completion{cut.size(), {}};
}

void note_malformed(Library& transaction) {
  constexpr const char* kSaid = "The body is malformed before the place where it was cut";
  transaction.m_variableReqbodyError.set("1", 0);
  transaction.m_variableReqbodyErrorMsg.set(kSaid, 0);
  transaction.m_variableReqbodyProcessorError.set("1", 0);
  transaction.m_variableReqbodyProcessorErrorMsg.set(kSaid, 0);
}

void append(Bytes bytes, Library& transaction) {
  if (!bytes.empty()) transaction.appendRequestBody(bytes.data(), bytes.size());
}

void append_multipart(Bytes kept, const std::string& ending,
                      const modsecurity::RulesSet& rules, Library& transaction) {
  const bool written = rules.m_uploadKeepFiles == Properties::TrueConfigBoolean ||
                       rules.m_tmpSaveUploadedFiles == Properties::TrueConfigBoolean;
  const auto boundary = boundary_of(transaction);
  const std::string body = std::string(as_text(kept)) + ending;
  const auto changed =
      boundary ? keep_line_breaks(body, *boundary, written) : std::nullopt;
  append(as_bytes(changed ? *changed : body), transaction);
}

}  // namespace

Shape shape_of(const Body& body, const modsecurity::RulesSet& rules,
               modsecurity::Transaction& transaction) {
  if (body.bytes.empty() || !wants_bodies(rules, transaction)) return {};
  const std::string_view text = as_text(body.bytes);
  switch (format_of(transaction)) {
    case Format::kJson:
      return shape_of_json(text);
    case Format::kMultipart: {
      const auto boundary = boundary_of(transaction);
      return boundary ? shape_of_multipart(text, *boundary) : Shape{};
    }
    case Format::kForm:
      return shape_of_form(text, separator_of(rules));
    case Format::kNone:  // hand_over() makes it a form
      return content_type_of(transaction).empty()
                 ? shape_of_form(text, separator_of(rules))
                 : Shape{};
    case Format::kXml:
      break;
  }
  return {};
}

void hand_over(Body& body, bool cut, const modsecurity::RulesSet& rules,
               modsecurity::Transaction& transaction) {
  if (body.bytes.empty() || !wants_bodies(rules, transaction)) return;
  if (content_type_of(transaction).empty()) make_form(transaction);
  const Format format = format_of(transaction);
  apply_limits(body, format, rules);
  Completion completion{body.bytes.size(), {}};
  if (cut || !body.whole()) {
    if (auto made = complete(as_text(body.bytes), format, rules, transaction)) {
      completion = std::move(*made);
    } else {
      make_form(transaction);
      if (!body.undecoded) note_malformed(transaction);
    }
  }
  if (format_of(transaction) == Format::kMultipart) {
    append_multipart(body.bytes.first(completion.kept), completion.ending, rules,
                     transaction);
    return;
  }
  append(body.bytes.first(completion.kept), transaction);
  append(as_bytes(completion.ending), transaction);
}

}  // namespace spoa::inspect
