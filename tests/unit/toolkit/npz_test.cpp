// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "expect_error.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class NpzTest : public ::testing::Test {
 protected:
  struct Entry {
    std::string name;
    std::string content;
  };

  std::string npy_of(const Tensor& tensor) {
    write_npy(folder_ / "entry.npy", tensor);
    return content_of(folder_ / "entry.npy");
  }
  std::filesystem::path archive(const std::vector<Entry>& entries, int32_t method) {
    const auto path = folder_ / "a.npz";
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [name, content] : entries) {
      zip_source_t* source = zip_source_buffer(zip, content.data(), content.size(), 0);
      const zip_int64_t index = zip_file_add(zip, name.c_str(), source, 0);
      EXPECT_GE(index, 0) << zip_strerror(zip);
      zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), method, 0);
    }
    EXPECT_EQ(zip_close(zip), 0) << zip_strerror(zip);
    return path;
  }

  TemporaryFolder folder_;
};

TEST_F(NpzTest, ReadsStoredAndDeflatedArraysInOrder) {
  const std::string y = npy_of(Tensor::from<float>({1, 2, 3}, {3}));
  const std::string x = npy_of(Tensor::from<int64_t>({7}, {}));
  for (const int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const NamedTensors arrays = read_npz(archive({{"y.npy", y}, {"x.npy", x}}, method));
    ASSERT_EQ(arrays.size(), 2u);
    EXPECT_EQ(arrays.name(0), "y");
    EXPECT_THAT(arrays.at("y").values<float>(), ::testing::ElementsAre(1, 2, 3));
    EXPECT_EQ(arrays.at("x").values<int64_t>()[0], 7);
    EXPECT_EQ(arrays.at("x").shape(), Shape{});
  }
}

TEST_F(NpzTest, ReadsTheHeldOutDigits) {
  const NamedTensors arrays = read_npz(XPURT_TEST_DATA_DIR "/digits_heldout.npz");
  EXPECT_EQ(arrays.at("images").dtype(), DType::kFloat32);
  EXPECT_EQ(arrays.at("images").shape()[0], arrays.at("labels").shape()[0]);
}

TEST_F(NpzTest, RejectsWhatIsNoArchive) {
  EXPECT_ERROR(read_npz(folder_ / "none.npz"), InvalidArgumentError, "there is no such file");
  EXPECT_ERROR(read_npz(folder_.write("a.npz", "")), InvalidArgumentError, "a.npz");
  EXPECT_ERROR(read_npz(folder_.write("a.npz", "not a zip")), InvalidArgumentError,
               "not an .npz file");
}

TEST_F(NpzTest, RejectsATruncatedArchive) {
  const auto path = archive({{"x.npy", npy_of(Tensor(DType::kInt8, {100}))}}, ZIP_CM_STORE);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 10);
  EXPECT_ERROR(read_npz(path), InvalidArgumentError, "not an .npz file");
}

TEST_F(NpzTest, RejectsDataThatIsNotWhatItsChecksumSays) {
  Tensor zeros(DType::kInt8, {100});
  std::ranges::fill(zeros.mutable_values<int8_t>(), int8_t{0});
  const auto path = archive({{"x.npy", npy_of(zeros)}}, ZIP_CM_STORE);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(200);  // among the elements
  file.put('!');
  file.close();
  EXPECT_ERROR(read_npz(path), InvalidArgumentError, "array 'x.npy'");
}

TEST_F(NpzTest, RejectsEntriesThatAreNoArrays) {
  EXPECT_ERROR(read_npz(archive({{"readme.txt", "hello"}}, ZIP_CM_STORE)), InvalidArgumentError,
               "not an .npy entry");
  EXPECT_ERROR(read_npz(archive({{"x.npy", "hello"}}, ZIP_CM_DEFLATE)), InvalidArgumentError,
               "array 'x.npy'");
}

TEST_F(NpzTest, RejectsASizeThatTheDataCannotHave) {
  const auto path = archive({{"x.npy", npy_of(Tensor(DType::kInt8, {100}))}}, ZIP_CM_DEFLATE);
  std::string content = content_of(path);
  const size_t directory = content.find("PK\x01\x02");
  ASSERT_NE(directory, std::string::npos);
  // Uncompressed size of the central directory, APPNOTE.TXT section 4.3.12.
  content.replace(directory + 24, 4, "\xf0\xff\xff\x7f");
  content.replace(22, 4, "\xf0\xff\xff\x7f");
  EXPECT_ERROR(read_npz(folder_.write("b.npz", content)), InvalidArgumentError, "cannot unpack to");
}

}  // namespace
}  // namespace xpuruntime::toolkit
