// SPDX-License-Identifier: Apache-2.0
#include "core/cache_key.h"

#include <gtest/gtest.h>

#include <set>

#include "expect_error.h"
#include "fake_session.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;

class CacheKeyTest : public ::testing::Test {
 protected:
  CacheKey key(const ModelSource& source, Device device = {}, int32_t threads = 1,
               std::map<std::string, std::string> options = {}) {
    const auto engine = std::static_pointer_cast<LoadedEngine>(
        EngineRegistry::instance().create_engine(fake_engine()));
    return cache_key_of(*engine, {source, device, threads, std::move(options), config_});
  }
  CacheKey key(std::string_view model) { return key({{}, bytes_of(model), "", "<bytes>"}); }

  SessionConfig config_;
};

TEST_F(CacheKeyTest, IsTheSameForTheSame) {
  const CacheKey first = key(kScale);
  EXPECT_EQ(first.hash.size(), 64U);
  EXPECT_EQ(first.hash, key(std::string(kScale)).hash);
  EXPECT_EQ(first.parts, key(kScale).parts);
}

TEST_F(CacheKeyTest, EveryPartCounts) {
  const ModelSource source{{}, bytes_of(kScale), "", "<bytes>"};
  std::string other(kScale);
  other.replace(other.find("scale x 2"), 9, "scale x 3");  // as long, with another weight
  std::set<std::string> hashes{key(kScale).hash, key(other).hash};
  hashes.insert(key(source, {DeviceType::kIntelNpu, 0}).hash);
  hashes.insert(key(source, {DeviceType::kIntelNpu, 1}).hash);
  hashes.insert(key(source, {}, 2).hash);
  hashes.insert(key(source, {}, 1, {{"own_buffers", "true"}}).hash);
  hashes.insert(key(source, {}, 1, {{"own_buffers", "false"}}).hash);
  config_.extra_outputs = {"h"};
  hashes.insert(key(source).hash);
  config_.shapes = {{"x", {1, 2}}};
  hashes.insert(key(source).hash);
  EXPECT_EQ(hashes.size(), 9U);
}

TEST_F(CacheKeyTest, AFileIsItsBytesAndNotItsName) {
  const TemporaryFolder folder;
  const auto first = folder.write("a.fake", kScale);
  const auto second = folder.write("other/b.fake", kScale);
  EXPECT_EQ(key({first, {}, first.parent_path(), "a"}).hash,
            key({second, {}, second.parent_path(), "b"}).hash);
}

TEST_F(CacheKeyTest, ExternalDataCounts) {
  const TemporaryFolder folder;
  // ModelProto.graph.initializer.external_data {"location": "w"}
  const auto model = folder.write("m.onnx", "\x3a\x11\x2a\x0fj\x0d\x0a\x08location\x12\x01w");
  const ModelSource source{model, {}, folder.path().string(), "m.onnx"};
  EXPECT_ERROR(key(source), ModelNotFoundError, HasSubstr("there is no such file"));
  folder.write("w", "weights 1");
  const CacheKey first = key(source);
  EXPECT_THAT(first.parts, HasSubstr("\"w\""));
  folder.write("w", "weights 2");
  EXPECT_NE(key(source).hash, first.hash);
}

}  // namespace
}  // namespace xpuruntime
