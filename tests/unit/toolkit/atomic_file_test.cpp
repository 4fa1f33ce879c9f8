// SPDX-License-Identifier: Apache-2.0
#include "toolkit/atomic_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

std::string line_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

TEST(AtomicFileTest, WritesPartsAndReplacesWhatWasThere) {
  const TemporaryFolder folder;
  const std::string first = "one ", second = "two";
  folder.write("f", "old");
  write_file_atomically(folder / "f",
                        {std::as_bytes(std::span(first)), std::as_bytes(std::span(second))});
  EXPECT_EQ(line_of(folder / "f"), "one two");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(AtomicFileTest, LeavesNothingBehindWhenItFails) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "f/inside");
  EXPECT_ERROR(write_file_atomically(folder / "f", {}), InvalidArgumentError, "cannot be written");
  EXPECT_EQ(folder.file_count(), 1u);
  EXPECT_ERROR(write_file_atomically(folder / "none/f", {}), InvalidArgumentError,
               "cannot be written");
}

}  // namespace
}  // namespace xpuruntime::toolkit
