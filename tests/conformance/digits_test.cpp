// SPDX-License-Identifier: Apache-2.0
/// The digit classifier on the held-out images: what the demo shows, at the seam.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

constexpr size_t kPixels = 64;
constexpr size_t kClasses = 10;

template <typename T>
std::vector<T> read(const std::string& name) {
  std::ifstream file(std::string(XPURT_DIGITS_DIR "/") + name, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// How many of the images from `first` on, run as one batch, are given their label.
size_t count_right(const Context& context, const std::vector<float>& images,
                   const std::vector<int64_t>& labels, size_t first, size_t batch) {
  const auto from = images.begin() + static_cast<int64_t>(first * kPixels);
  const std::vector<float> pixels(from, from + static_cast<int64_t>(batch * kPixels));
  Sink sink(1);
  const Outcome outcome =
      context.run({Tensor::of<float>({static_cast<int64_t>(batch), 1, 8, 8}, pixels)}, sink, 1);
  EXPECT_TRUE(outcome.ok()) << outcome.text;
  if (!outcome.ok() || sink.output(0) == nullptr) return 0;
  EXPECT_EQ(sink.output(0)->shape, (std::vector<int64_t>{static_cast<int64_t>(batch), kClasses}));
  const Tensor logits = sink.copy(0);
  size_t right = 0;
  for (size_t i = 0; i < batch; ++i) {
    const std::span<float> row = logits.as<float>().subspan(i * kClasses, kClasses);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    right += best == labels[first + i] ? 1 : 0;
  }
  return right;
}

TEST_P(Conformance, ReadsHandwrittenDigits) {
  const auto images = read<float>("images");
  const auto labels = read<int64_t>("labels");
  ASSERT_GE(labels.size(), 100u);
  ASSERT_EQ(images.size(), labels.size() * kPixels);
  const Model model = plugin().load(Source::path(XPURT_TEST_DATA_DIR "/digits.onnx"));
  const Context context = model.context();
  const size_t together = count_right(context, images, labels, 0, labels.size());
  EXPECT_GE(static_cast<double>(together), 0.97 * static_cast<double>(labels.size()));
  size_t one_by_one = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    one_by_one += count_right(context, images, labels, i, 1);
  }
  EXPECT_EQ(one_by_one, together);
}

}  // namespace
}  // namespace xpuruntime::conformance
