// SPDX-License-Identifier: Apache-2.0
#include "cached_load.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "cache_file.h"
#include "cache_journal.h"
#include "log.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// In the default cache, what is built faster than that is not worth a file.
constexpr std::chrono::milliseconds kWorthStoring{250};

/// One load through one cache folder.
class CachedLoad {
 public:
  CachedLoad(const std::shared_ptr<LoadedEngine>& engine, const LoadRequest& request,
             fs::path folder, CacheReport& report)
      : engine_(engine),
        request_(request),
        folder_(std::move(folder)),
        key_(cache_key_of(*engine, request)),
        path_(folder_ / (key_.hash + kCacheExtension)),
        report_(report) {
    report_.entry = path_.string();
  }

  std::shared_ptr<LoadedModel> load() {
    if (auto model = from_entry()) return model;
    const auto begin = Clock::now();
    auto model = std::make_shared<LoadedModel>(engine_, request_, LoadedModel::WillSave::kYes);
    const auto took = Clock::now() - begin;
    if (is_default() && report_.outcome != CacheOutcome::kRebuilt && took < kWorthStoring) {
      report_.reason = "it was built in less than 250 ms";
      return model;
    }
    store(*model);
    return model;
  }

 private:
  bool is_default() const { return request_.config.cache_dir == "auto"; }

  /// Null: there is none, or none that can be used.
  std::shared_ptr<LoadedModel> from_entry() {
    try {
      const auto file = std::make_shared<const CacheFile>(path_);
      file->check_key(key_);
      file->check_bytes();
      auto model = std::make_shared<LoadedModel>(engine_, request_, file->compiled(), file);
      report_.outcome = CacheOutcome::kHit;
      utimensat(AT_FDCWD, path_.c_str(), nullptr, 0);  // used now; not where it is read-only
      return model;
    } catch (const ModelNotFoundError&) {
      return nullptr;
    } catch (const CancelledError&) {
      throw;
    } catch (const XpuRuntimeError& failure) {
      log(LogLevel::kWarning,
          std::string("the cache entry cannot be used and is built again: ") + failure.what());
      report_.outcome = CacheOutcome::kRebuilt;
      report_.reason = failure.what();
      note_rebuilt(folder_, path_, failure.what());
      std::error_code ignored;
      fs::remove(path_, ignored);
      return nullptr;
    }
  }

  void store(const LoadedModel& model) {
    try {
      key_.check_files();
      write_cache_file(folder_, key_, request_.source.name,
                       [&](const auto& write) { model.save(write); });
      if (report_.outcome != CacheOutcome::kRebuilt) report_.outcome = CacheOutcome::kStored;
      if (is_default()) ModelCache(folder_).prune(default_cache_bytes());
    } catch (const XpuRuntimeError& failure) {
      log(LogLevel::kWarning, std::string("the compiled model is not stored: ") + failure.what());
      const bool rebuilt = report_.outcome == CacheOutcome::kRebuilt;
      report_.outcome = CacheOutcome::kNotStored;
      report_.reason = (rebuilt ? report_.reason + "; " : "") + failure.what();
    }
  }

  const std::shared_ptr<LoadedEngine>& engine_;
  const LoadRequest& request_;
  const fs::path folder_;
  const CacheKey key_;
  const fs::path path_;
  CacheReport& report_;
};

}  // namespace

std::shared_ptr<LoadedModel> load_through_cache(const std::shared_ptr<LoadedEngine>& engine,
                                                const LoadRequest& request, CacheReport& report) {
  report = {};
  const fs::path folder = cache_folder(request.config.cache_dir);
  if (folder.empty() || !engine->can_save()) {
    auto model = std::make_shared<LoadedModel>(engine, request);
    report = model->cache();
    return model;
  }
  report.outcome = CacheOutcome::kNotStored;
  std::optional<CachedLoad> load;
  try {
    load.emplace(engine, request, folder, report);
  } catch (const XpuRuntimeError& failure) {
    // Such a model, or one loaded so, has no key; what is wrong with it, the engine says.
    log(LogLevel::kDebug, std::string("the cache is not used: ") + failure.what());
    report.reason = failure.what();
  }
  return load ? load->load() : std::make_shared<LoadedModel>(engine, request);
}

}  // namespace xpuruntime
