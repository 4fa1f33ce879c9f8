// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/preprocessing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "expect_error.h"
#include "toolkit/resample.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/image.h"

namespace xpuruntime::toolkit {
namespace {

const std::filesystem::path kPictures = XPURT_TEST_DATA_DIR "/images";
const Preprocessing kBytes{.dtype = DType::kUInt8, .layout = PixelLayout::kNhwc};

Tensor by_pillow(const char* name) { return read_npz(kPictures / "expected.npz").at(name); }

/// The picture as bytes, [height, width, channels].
std::vector<uint8_t> pixels_of(const Tensor& tensor) {
  const auto values = tensor.values<uint8_t>();
  return {values.begin(), values.end()};
}

struct Resized {
  const char* name;
  int64_t height;
  int64_t width;
  ResizeFilter filter;
  PixelColor color;
};

class ResizeLikePillow : public ::testing::TestWithParam<Resized> {};

TEST_P(ResizeLikePillow, BitForBit) {
  const Resized& wanted = GetParam();
  Preprocessing preprocessing = kBytes;
  preprocessing.resize = {wanted.height, wanted.width};
  preprocessing.filter = wanted.filter;
  preprocessing.color = wanted.color;
  const Tensor got = preprocess_image(kPictures / "wide.png", preprocessing);
  const int64_t channels = wanted.color == PixelColor::kGrey ? 1 : 3;
  EXPECT_EQ(got.shape(), (Shape{1, wanted.height, wanted.width, channels}));
  EXPECT_EQ(pixels_of(got), pixels_of(by_pillow(wanted.name)));
}

INSTANTIATE_TEST_SUITE_P(
    PreprocessingTest, ResizeLikePillow,
    ::testing::Values(Resized{"smaller", 31, 40, ResizeFilter::kBilinear, PixelColor::kRgb},
                      Resized{"larger", 170, 151, ResizeFilter::kBilinear, PixelColor::kRgb},
                      Resized{"turned", 140, 19, ResizeFilter::kBilinear, PixelColor::kRgb},
                      Resized{"one", 1, 1, ResizeFilter::kBilinear, PixelColor::kRgb},
                      Resized{"cubic", 40, 77, ResizeFilter::kBicubic, PixelColor::kRgb},
                      Resized{"grey", 90, 126, ResizeFilter::kBilinear, PixelColor::kGrey},
                      Resized{"grey_smaller", 31, 40, ResizeFilter::kBilinear, PixelColor::kGrey}),
    [](const auto& each) { return each.param.name; });

TEST(PreprocessingTest, CropsTheCentreAsTorchvisionDoes) {
  Preprocessing preprocessing = kBytes;
  preprocessing.resize = {64};
  preprocessing.crop = {41};
  EXPECT_EQ(pixels_of(preprocess_image(kPictures / "wide.png", preprocessing)),
            pixels_of(by_pillow("odd_crop")));
}

TEST(PreprocessingTest, GivesTheNumbersOfImageNetByDefault) {
  const Tensor input = preprocess_image(kPictures / "wide.png");
  ASSERT_EQ(to_string(input), "float32[1,3,224,224] on cpu");
  const auto values = input.values<float>();
  const NamedTensors expected = read_npz(kPictures / "expected.npz");
  const auto samples = expected.at("imagenet_samples").values<float>();
  const auto sums = expected.at("imagenet_sums").values<double>();
  size_t sample = 0;
  for (size_t c = 0; c < 3; ++c) {
    const auto plane = values.subspan(c * 224 * 224, 224 * 224);
    EXPECT_NEAR(std::accumulate(plane.begin(), plane.end(), 0.0), sums[c], 0.01);
    for (size_t y = 8; y < 224; y += 16) {
      for (size_t x = 8; x < 224; x += 16) {
        EXPECT_FLOAT_EQ(plane[y * 224 + x], samples[sample++]);
      }
    }
  }
  EXPECT_EQ(sample, samples.size());
}

TEST(PreprocessingTest, OrdersColorsAndLayoutsAsAsked) {
  const Tensor image = Tensor::from<uint8_t>({10, 20, 30, 40, 50, 60}, {1, 2, 3});
  const auto bytes = [&](PixelColor color, PixelLayout layout) {
    return pixels_of(
        preprocess_image(image, {.color = color, .dtype = DType::kUInt8, .layout = layout}));
  };
  using Bytes = std::vector<uint8_t>;
  EXPECT_EQ(bytes(PixelColor::kRgb, PixelLayout::kNhwc), (Bytes{10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(bytes(PixelColor::kRgb, PixelLayout::kNchw), (Bytes{10, 40, 20, 50, 30, 60}));
  EXPECT_EQ(bytes(PixelColor::kBgr, PixelLayout::kNhwc), (Bytes{30, 20, 10, 60, 50, 40}));
  EXPECT_EQ(bytes(PixelColor::kGrey, PixelLayout::kNchw), (Bytes{18, 48}));
}

TEST(PreprocessingTest, ScalesAndNormalisesEachChannel) {
  const Tensor image = Tensor::from<uint8_t>({8, 16, 0}, {1, 1, 3});
  const Tensor input =
      preprocess_image(image, {.scale = 1.0 / 16, .mean = {0.5, 1, 2}, .std = {2}});
  const auto values = input.values<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), (std::vector<float>{0, 0, -1}));
  const Tensor grey = Tensor::from<uint8_t>({16, 4}, {1, 2});
  const Tensor digits = preprocess_image(grey, {.color = PixelColor::kGrey, .scale = 1.0 / 16});
  EXPECT_EQ(to_string(digits), "float32[1,1,1,2] on cpu");
  EXPECT_EQ(digits.values<float>()[1], 0.25f);
  EXPECT_EQ(preprocess_image(grey, {}).shape(), (Shape{1, 3, 1, 2})) << "grey in all colors";
}

TEST(PreprocessingTest, ComputesOnlyTheWindowThatIsKept) {
  // Resized whole this would be 256 x 16,776,960 pixels.
  const Tensor line(DType::kUInt8, {1, 65'535, 1});
  EXPECT_EQ(preprocess_image(line).shape(), (Shape{1, 3, 224, 224}));
  EXPECT_ERROR(preprocess_image(line, {.resize = {256}}), InvalidArgumentError, "what is left");
}

TEST(PreprocessingTest, RefusesWhatMakesNoSense) {
  const Tensor image = Tensor::from<uint8_t>({1, 2, 3}, {1, 1, 3});
  const auto refuse = [&](const Preprocessing& preprocessing, const char* words) {
    EXPECT_ERROR(preprocess_image(image, preprocessing), InvalidArgumentError, words);
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  refuse({.resize = {0}}, "resize");
  refuse({.resize = {1, 2, 3}}, "resize");
  refuse({.crop = {65'536}}, "crop");
  refuse({.crop = {2}}, "larger than the picture");
  refuse({.dtype = DType::kInt64}, "float32 or uint8, got int64");
  refuse({.dtype = DType::kUInt8, .mean = {1}}, "not for uint8");
  refuse({.scale = 0}, "scale");
  refuse({.mean = {1, 2}}, "mean: expected 1 or 3");
  refuse({.mean = {kNan}}, "finite");
  refuse({.std = {1, 0, 1}}, "other than 0");
  refuse({.color = PixelColor::kGrey, .std = {1, 1, 1}}, "expected 1 or 1");
  EXPECT_ERROR(preprocess_image(Tensor::from<float>({1}, {1, 1}), {}), InvalidArgumentError,
               "expected uint8");
}

TEST(PreprocessingTest, WritesAndReadsJson) {
  EXPECT_EQ(preprocessing_from_json(to_json(Preprocessing::imagenet())), Preprocessing::imagenet());
  const Preprocessing all{.color = PixelColor::kBgr,
                          .resize = {10, 20},
                          .filter = ResizeFilter::kBicubic,
                          .crop = {5},
                          .dtype = DType::kFloat32,
                          .scale = 1,
                          .mean = {103.5},
                          .std = {2, 3, 4},
                          .layout = PixelLayout::kNhwc};
  EXPECT_EQ(preprocessing_from_json(to_json(all)), all);
  EXPECT_EQ(preprocessing_from_json(to_json(kBytes)), kBytes);
  EXPECT_EQ(preprocessing_from_json("\"imagenet\""), Preprocessing::imagenet());
  EXPECT_EQ(preprocessing_from_json("{}"), Preprocessing());
  Preprocessing wide = Preprocessing::imagenet();
  wide.crop = {224, 320};
  EXPECT_EQ(preprocessing_from_json(R"({"preset": "imagenet", "crop": [224, 320]})"), wide);
}

TEST(PreprocessingTest, NamesWhatIsWrongInJson) {
  const auto refuse = [](const char* text, const char* words) {
    EXPECT_ERROR(preprocessing_from_json(text, "m_info.json"), InvalidArgumentError, words);
  };
  refuse("[", "m_info.json: expected a JSON object");
  refuse("[]", "expected a JSON object");
  refuse("\"imagenot\"", "did you mean 'imagenet'?");
  refuse(R"({"resise": 3})", "did you mean 'resize'?");
  refuse(R"({"color": "red"})", "m_info.json.color: expected one of rgb, bgr, grey, got \"red\"");
  refuse(R"({"resize": 1.5})", "m_info.json.resize: expected a side");
  refuse(R"({"resize": -1})", "m_info.json: preprocessing: resize");
  refuse(R"({"mean": "x"})", "m_info.json.mean: expected numbers");
  refuse(R"({"preset": 1})", "m_info.json.preset");
  refuse(R"({"scale": null})", "m_info.json.scale");
}

TEST(PreprocessingTest, IsFoundBesideTheModel) {
  const TemporaryFolder folder;
  EXPECT_EQ(preprocessing_beside(folder / "m.onnx"), std::nullopt);
  folder.write("m_info.json", R"({"inputs": []})");
  EXPECT_EQ(preprocessing_beside(folder / "m.onnx"), std::nullopt);
  folder.write("m_info.json", R"({"preprocessing": "imagenet"})");
  EXPECT_EQ(preprocessing_beside(folder / "m.onnx"), Preprocessing::imagenet());
  folder.write("m_info.json", R"({"preprocessing": {"crop": "x"}})");
  EXPECT_ERROR(preprocessing_beside(folder / "m.onnx"), InvalidArgumentError,
               "m_info.json: preprocessing.crop");
  folder.write("m_info.json", "{");
  EXPECT_ERROR(preprocessing_beside(folder / "m.onnx"), InvalidArgumentError, "m_info.json");
}

TEST(PreprocessingTest, GoesBackFromATensorToThePicture) {
  const Tensor image = read_image(kPictures / "small.png");
  for (Preprocessing preprocessing : {Preprocessing(), Preprocessing::imagenet(), kBytes,
                                      Preprocessing{.color = PixelColor::kBgr}}) {
    preprocessing.resize = preprocessing.crop = {};
    const Tensor back = image_of(preprocess_image(image, preprocessing), preprocessing);
    EXPECT_EQ(pixels_of(back), pixels_of(image));
  }
  const Tensor odd = Tensor::from<float>({-1, 2, NAN, 0.5f}, {1, 1, 2, 2});
  EXPECT_EQ(pixels_of(image_of(odd, {.color = PixelColor::kGrey})),
            (std::vector<uint8_t>{0, 255, 0, 128}));
  EXPECT_ERROR(image_of(Tensor::from<float>({1, 2}, {1, 2}), {}), InvalidArgumentError,
               "expected a picture");
  EXPECT_ERROR(image_of(odd, Preprocessing::imagenet()), InvalidArgumentError, "3 channels");
}

}  // namespace
}  // namespace xpuruntime::toolkit
