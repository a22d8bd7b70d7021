#include "multipart_lines.h"

#include <gtest/gtest.h>

namespace spoa::inspect {
namespace {

std::string kept(const std::string& body, bool spare_files = false) {
  return keep_line_breaks(body, "bound", spare_files).value_or("(as it is)");
}

const std::string kField =
    "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
const std::string kFile =
    "--bound\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n"
    "Content-Type: text/plain\r\n\r\n";
const std::string kEnd = "\r\n--bound--\r\n";

TEST(KeepLineBreaks, ChangesThoseWithinValuesAlone) {
  EXPECT_EQ(kept(kField + "x\r\ny\nz" + kEnd), kField + "x\r\ry\rz" + kEnd);
  EXPECT_EQ(kept(kField + "\r\n\r\n" + kEnd), kField + "\r\r\r\r" + kEnd);
  EXPECT_EQ(kept(kField + "x\n" + kEnd + kField + "y\n" + kEnd),
            kField + "x\r" + kEnd + kField + "y\r" + kEnd);
  EXPECT_EQ(kept(kField + "x" + kEnd), "(as it is)");
  EXPECT_EQ(kept("before\n" + kField + "x" + kEnd + "after"), "(as it is)");
  EXPECT_EQ(kept(""), "(as it is)");
}

TEST(KeepLineBreaks, LeavesWhatResemblesABoundaryOnItsLine) {
  EXPECT_EQ(kept(kField + "x\n--  bound" + kEnd), "(as it is)");
  EXPECT_EQ(kept(kField + "x\n--\"bound" + kEnd), "(as it is)");
  EXPECT_EQ(kept(kField + "x\n--other" + kEnd), kField + "x\r--other" + kEnd);
}

TEST(KeepLineBreaks, SparesFilesWhenAskedTo) {
  EXPECT_EQ(kept(kFile + "x\ny" + kEnd), kFile + "x\ry" + kEnd);
  EXPECT_EQ(kept(kFile + "x\ny" + kEnd, true), "(as it is)");
  EXPECT_EQ(kept(kFile + "x\ny" + kEnd.substr(0, 2) + kField + "x\ny" + kEnd, true),
            kFile + "x\ny\r\n" + kField + "x\ry" + kEnd);
}

}  // namespace
}  // namespace spoa::inspect
