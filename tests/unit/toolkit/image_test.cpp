// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "expect_error.h"
#include "toolkit/image_formats.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

const std::filesystem::path kImages = XPURT_TEST_DATA_DIR "/images";

std::vector<std::byte> file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

int largest_difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape(), b.shape());
  const auto x = a.values<uint8_t>(), y = b.values<uint8_t>();
  int largest = x.size() == y.size() ? 0 : 256;
  for (size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    largest = std::max(largest, std::abs(x[i] - y[i]));
  }
  return largest;
}

class ImageKinds : public ::testing::TestWithParam<const char*> {};

TEST_P(ImageKinds, AreReadAsPillowReadsThem) {
  const Tensor expected = read_npz(kImages / "expected.npz").at(GetParam());
  const std::filesystem::path path = kImages / GetParam();
  const bool lossless = path.extension() == ".png";
  // Another version of libjpeg-turbo may round otherwise.
  EXPECT_LE(largest_difference(read_image(path), expected), lossless ? 0 : 2);
  EXPECT_EQ(largest_difference(decode_image(file_bytes(path)), read_image(path)), 0);
}

INSTANTIATE_TEST_SUITE_P(ImageTest, ImageKinds,
                         ::testing::Values("wide.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg",
                                           "small.png", "grey.png", "palette.png", "alpha.png",
                                           "deep.png"));

TEST(ImageTest, RefusesWhatIsNoPicture) {
  const TemporaryFolder folder;
  EXPECT_ERROR(read_image(folder / "none.jpg"), InvalidArgumentError, "no such file");
  EXPECT_ERROR(read_image(folder.path()), InvalidArgumentError, "not a regular file");
  EXPECT_ERROR(read_image(folder.write("e.png", "")), InvalidArgumentError, "an empty one");
  EXPECT_ERROR(read_image(folder.write("g.jpg", "GIF89a......")), InvalidArgumentError,
               "JPEG or PNG");
  EXPECT_ERROR(read_image(folder.write("j.jpg", "\xff\xd8\xff garbage")), InvalidArgumentError,
               "damaged");
  EXPECT_ERROR(read_image(folder.write("p.png", "\x89PNG\r\n\x1a\n garbage")), InvalidArgumentError,
               "damaged");
}

TEST(ImageTest, RefusesAPictureThatIsCutOffAnywhere) {
  for (const char* name : {"grey.jpg", "small.png", "deep.png", "cmyk.jpg"}) {
    const auto file = file_bytes(kImages / name);
    ASSERT_NO_THROW(decode_image(file)) << name;
    // A JPEG's last two bytes are its end marker, a PNG's last twelve its end chunk.
    const size_t end = file.size() - (std::string(name).ends_with("jpg") ? 2 : 13);
    for (size_t size = 0; size < end; size += 7) {
      EXPECT_THROW(decode_image(std::span(file).first(size)), InvalidArgumentError)
          << name << " of " << size << " bytes";
    }
  }
}

TEST(ImageTest, SurvivesEveryByteThatIsWrong) {
  for (const char* name : {"grey.jpg", "palette.png"}) {
    const auto good = file_bytes(kImages / name);
    uint64_t refused = 0;
    for (size_t i = 0; i < good.size(); ++i) {
      auto file = good;
      file[i] ^= std::byte{0x5a};
      try {
        const Tensor image = decode_image(file);
        EXPECT_EQ(image.shape().rank(), 3U);
      } catch (const InvalidArgumentError&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 0U) << name;
  }
}

TEST(ImageTest, ChecksTheSizeBeforeItTakesMemory) {
  auto file = file_bytes(kImages / "grey.jpg");
  // The frame header (ISO/IEC 10918-1 B.2.2): marker, length, precision, height, width.
  const std::byte frame[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto found = std::ranges::search(file, frame);
  ASSERT_FALSE(found.empty());
  constexpr uint8_t kHigh = 0xfd;  // 64,800 x 64,800 and more
  found[5] = found[7] = std::byte{kHigh};
  EXPECT_ERROR(decode_image(file, "bomb.jpg"), InvalidArgumentError, "at most 134217728 pixels");
  EXPECT_ERROR(check_image_size("x", 0, 1), InvalidArgumentError, "got 1 x 0");
  EXPECT_ERROR(check_image_size("x", 1, 65'536), InvalidArgumentError, "65536 x 1");
  EXPECT_ERROR(check_image_size("x", 40'000, 40'000), InvalidArgumentError, "pixels");
  EXPECT_NO_THROW(check_image_size("x", 8'192, 16'384));
}

TEST(ImageTest, WritesWhatItReads) {
  const TemporaryFolder folder;
  const Tensor image = read_image(kImages / "small.png");
  write_png(folder / "out.png", image);
  EXPECT_EQ(largest_difference(read_image(folder / "out.png"), image), 0);
  const Tensor grey = Tensor::from<uint8_t>({0, 100, 200, 255}, {2, 2});
  write_png(folder / "grey.png", grey);
  EXPECT_EQ(read_image(folder / "grey.png").values<uint8_t>()[3], 100);
  EXPECT_ERROR(write_png(folder / "none" / "out.png", image), InvalidArgumentError, "none");
  EXPECT_ERROR(write_png(folder / "f.png", Tensor::from<float>({1}, {1, 1, 1})),
               InvalidArgumentError, "uint8 [height, width, 3]");
  EXPECT_ERROR(write_png(folder / "f.png", Tensor()), InvalidArgumentError, "no tensor");
  EXPECT_ERROR(write_png(folder / "f.png", Tensor(DType::kUInt8, {0, 4, 3})), InvalidArgumentError,
               "4 x 0");
}

TEST(ImageTest, KnowsPicturesByTheirNames) {
  for (const char* name : {"a.jpg", "a.b.JPEG", "/x/y.Png"}) EXPECT_TRUE(is_image_path(name));
  for (const char* name : {"a.npy", "jpg", "a.png.npz", ""}) EXPECT_FALSE(is_image_path(name));
}

}  // namespace
}  // namespace xpuruntime::toolkit
