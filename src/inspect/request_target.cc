#include "request_target.h"

#include <memory>

#include <modsecurity/modsecurity.h>
#include <modsecurity/transaction.h>

#include "ascii.h"

namespace spoa::inspect {
namespace {

std::string without_fragment_signs(const std::string& target) {
  std::string text;
  for (const char c : target) {
    if (c == '#') {
      text += "%23";
    } else {
      text.push_back(c);
    }
  }
  return text;
}

void mend(modsecurity::AnchoredVariable& variable, const std::string& right) {
  if (variable.m_value == right) return;
  variable.set(right, static_cast<std::size_t>(variable.m_offset));
}

std::string basename_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? std::string() : path.substr(slash + 1);
}

}  // namespace

std::string decode_escapes(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(text[i]);
  }
  return decoded;
}

void process_target(modsecurity::Transaction& transaction, const std::string& target,
                    const std::string& method, const std::string& version) {
  const bool has_fragment = target.find('#') != std::string::npos;
  transaction.processURI(
      has_fragment ? without_fragment_signs(target).c_str() : target.c_str(),
      method.c_str(), version.c_str());

  const std::size_t question = target.find('?');
  const std::string path = decode_escapes(std::string_view(target).substr(0, question));
  mend(transaction.m_variableRequestFilename, path);
  mend(transaction.m_variablePathInfo, path);
  mend(transaction.m_variableRequestBasename, basename_of(path));
  if (*transaction.m_uri_no_query_string_decoded != path) {
    transaction.m_uri_no_query_string_decoded = std::make_shared<std::string>(path);
  }
  if (!has_fragment) return;
  transaction.m_uri = target;
  mend(transaction.m_variableRequestURIRaw, target);
  mend(transaction.m_variableRequestLine, method + " " + target + " HTTP/" + version);
  if (question != std::string::npos) {
    mend(transaction.m_variableQueryString, target.substr(question + 1));
  }
}

}  // namespace spoa::inspect
