#include "decompress.h"

#include <strings.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace spoa::inspect {
namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;

// zlib's windowBits: the largest window, and what is around the stream.
constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;
constexpr int kBare = -MAX_WBITS;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

bool equal_fold(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

ContentCoding coding_of(std::string_view name) {
  if (equal_fold(name, "identity")) return ContentCoding::kIdentity;
  if (equal_fold(name, "gzip") || equal_fold(name, "x-gzip")) return ContentCoding::kGzip;
  return equal_fold(name, "deflate") ? ContentCoding::kDeflate : ContentCoding::kOther;
}

/// Those that change the bytes, in the order they were applied.
std::vector<ContentCoding> codings_of(std::string_view list) {
  std::vector<ContentCoding> codings;
  while (!list.empty()) {
    const std::string_view name = trimmed(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), list.find(',')));
    if (!list.empty()) list.remove_prefix(1);
    if (name.empty() || coding_of(name) == ContentCoding::kIdentity) continue;
    codings.push_back(coding_of(name));
  }
  return codings;
}

/// zlib's state for one stream.
class Stream {
 public:
  Stream(Bytes sent, int window_bits) {
    // zlib promises not to write there.
    stream_.next_in = const_cast<Bytef*>(sent.data());
    stream_.avail_in = static_cast<uInt>(
        std::min<std::size_t>(sent.size(), std::numeric_limits<uInt>::max()));
    ready_ = inflateInit2(&stream_, window_bits) == Z_OK;
  }
  ~Stream() {
    if (ready_) inflateEnd(&stream_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Appends up to `most` bytes; the answer is zlib's.
  int read(std::vector<std::uint8_t>& out, std::size_t most) {
    if (!ready_) return Z_MEM_ERROR;
    const std::size_t before = out.size();
    out.resize(before + most);
    stream_.next_out = out.data() + before;
    stream_.avail_out = static_cast<uInt>(most);
    const int answer = inflate(&stream_, Z_NO_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return answer;
  }

  [[nodiscard]] bool has_more() const noexcept { return stream_.avail_in > 0; }
  bool next_member() { return inflateReset(&stream_) == Z_OK; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

/// One coding off. `out` never exceeds `most` bytes.
BodyFault inflate_all(Bytes sent, int window_bits, std::size_t most,
                      std::vector<std::uint8_t>& out) {
  Stream stream(sent, window_bits);
  for (;;) {
    // One byte more than is allowed tells a body that ends there from one that goes on.
    const int answer = stream.read(out, std::min(kChunkBytes, most + 1 - out.size()));
    if (out.size() > most) {
      out.resize(most);
      return BodyFault::kLimit;
    }
    if (answer == Z_STREAM_END) {
      if (!stream.has_more()) return BodyFault::kNone;
      if (window_bits != kGzip || !stream.next_member()) return BodyFault::kDamaged;
    } else if (answer == Z_BUF_ERROR) {
      return BodyFault::kUnfinished;
    } else if (answer != Z_OK) {
      return BodyFault::kDamaged;
    }
  }
}

BodyFault take_off(ContentCoding coding, Bytes sent, std::size_t most,
                   std::vector<std::uint8_t>& out) {
  if (coding == ContentCoding::kGzip) return inflate_all(sent, kGzip, most, out);
  const BodyFault fault = inflate_all(sent, kZlib, most, out);
  if (fault != BodyFault::kDamaged || !out.empty()) return fault;
  return inflate_all(sent, kBare, most, out);
}

}  // namespace

bool is_coded(std::string_view content_encoding) {
  return !codings_of(content_encoding).empty();
}

Decoded decompress(Bytes sent, std::string_view content_encoding,
                   const BodyLimits& limits) {
  Decoded decoded;
  const std::vector<ContentCoding> codings = codings_of(content_encoding);
  const auto unknown = std::find(codings.begin(), codings.end(), ContentCoding::kOther);
  if (unknown != codings.end() || codings.size() > kMaxCodings) {
    decoded.coding = ContentCoding::kOther;
    decoded.fault = BodyFault::kUnknown;
    return decoded;
  }
  // Not limits.ratio * sent.size(), which can wrap.
  const bool by_ratio = sent.size() <= limits.bytes / limits.ratio;
  const std::size_t most = by_ratio ? sent.size() * limits.ratio : limits.bytes;
  Bytes rest = sent;
  std::vector<std::uint8_t> previous;
  for (std::size_t i = codings.size(); i-- > 0;) {
    previous.swap(decoded.bytes);
    if (i + 1 < codings.size()) rest = previous;
    decoded.bytes.clear();
    const BodyFault fault = take_off(codings[i], rest, most, decoded.bytes);
    if (fault == BodyFault::kNone || decoded.fault != BodyFault::kNone) {
      if (decoded.fault == BodyFault::kNone) decoded.coding = codings[i];
      continue;
    }
    decoded.coding = codings[i];
    decoded.fault = fault == BodyFault::kLimit && by_ratio ? BodyFault::kRatio : fault;
  }
  return decoded;
}

}  // namespace spoa::inspect
