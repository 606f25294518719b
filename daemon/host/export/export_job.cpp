// One object runs the steps of one export on the job's thread; ExportSource and ZipSpool have threads of their own. A
// finished upload is in the checkpoint, so a later attempt only asks for the signed URL. Failures are reported by their
// first cause: the module's reason if it gave one, else the error of reader, zip or scratch files, also if the module
// ignored that error.
#include "host/export/export_job.hpp"

#include "host/export/export_source.hpp"
#include "host/hub/hub_access.hpp"
#include "host/hub/hub_upload.hpp"
#include "host/pipeline/asset_reader.hpp"
#include "host/pipeline/download.hpp"
#include "host/pipeline/scratch_files.hpp"
#include "host/pipeline/zip_spool.hpp"

#include "rest/hub_api.hpp"

#include "base/clock.hpp"
#include "base/units.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace angod::host {

namespace {

constexpr std::int64_t kRetryLaterMs = 60'000;
constexpr std::size_t kMaxName = 200; // bytes; storages and file systems take at least 255

class Export {
public:
    Export(Job &job, const Convert &convert, const Failure &module_failure, const ExportNames &names,
           rest::RetryPolicy retry)
        : job_(job),
          convert_(convert),
          module_failure_(module_failure),
          names_(names),
          retry_(retry),
          quota_(job.limits.spool_bytes),
          access_(job, retry) {}

    std::variant<std::string, Failure> run() {
        if (auto url = finish_earlier_upload()) return *std::move(url);
        info("getting the export; a large one can take minutes");
        const auto export_url = ask(hub_);
        if (!export_url) return failure_of(export_url.error());
        auto spool = ZipSpool::create(job_.scratch, quota_, job_.cancel);
        if (!spool) return failure_of(spool.error());
        if (auto failed = convert(*export_url, **spool)) return *std::move(failed);
        const auto zip = (*spool)->finish();
        if (!zip) return failure_of(zip.error());
        return deliver(*zip);
    }

private:
    void info(const std::string &text) const { job_.log(LogLevel::info, text); }
    void warn(const std::string &text) const { job_.log(LogLevel::warning, text); }

    Result<std::string> ask(rest::HubApi &hub) const {
        rest::ExportRequest request{job_.project(), job_.field("stage"), job_.field("batches")};
        if (const auto config = json::parse(job_.config))
            if (const auto *only = json::find(*config, "include_key_frames_only"))
                request.only_key_frames = only->IsBool() && only->GetBool();
        return hub.request_export(request);
    }

    /// For the download thread, which may not use the objects of the job thread.
    Result<std::string> ask_again() const {
        rest::HttpClient client({job_.hub.ca_file, "", job_.hub.proxies});
        rest::HubApi hub(client, hub_.options(), job_.cancel);
        return ask(hub);
    }

    /// Runs the module between the two halves of the pipeline.
    std::optional<Failure> convert(const std::string &url, ZipSpool &spool) {
        DownloadRequest request{url, "the export", retry_, tell_of_retries(job_), [this] { return ask_again(); }};
        ExportSource source(job_, std::move(request));
        AssetReader &reader = source.reader();
        ScratchFiles scratch(job_.scratch, quota_);
        const std::int32_t status = convert_(reader, spool, scratch);
        source.stop();
        if (auto failed = what_failed(status, reader, spool, scratch)) return failed;
        assets_ = reader.assets();
        if (reader.at_end() && source.promised().value_or(assets_) != assets_)
            warn(fmt::format(
                "the manifest in the zip from Hub counts {}, but the export has {} asset{}. If it counts assets, the "
                "export is incomplete: run the plugin again.",
                *source.promised(), assets_, assets_ == 1 ? "" : "s"));
        if (reader.at_end() && assets_ == 0)
            warn("the export holds no assets: there was nothing to convert. Check the stages and batches that were "
                 "chosen for it.");
        else if (!reader.at_end())
            warn(fmt::format("the module stopped after {} asset{}, before the end of the export", assets_,
                             assets_ == 1 ? "" : "s"));
        return std::nullopt;
    }

    /// Returns the first cause: the module's reason, then the host's error, because the module may know only that a
    /// call failed. A module that ignores a failed call must not deliver half a result.
    std::optional<Failure> what_failed(std::int32_t status, const AssetReader &reader, const ZipSpool &spool,
                                       const ScratchFiles &scratch) const {
        if (job_.cancel.cancelled()) return Failure{"cancelled", "", -1};
        std::optional<Error> host = reader.failure()  ? reader.failure()
                                    : spool.failure() ? spool.failure()
                                                      : scratch.failure();
        if (status == ANGO_OK && !host) return std::nullopt;
        if (status != ANGO_OK && !module_failure_.user_text.empty()) {
            Failure failed = module_failure_;
            if (host)
                failed.operator_text += fmt::format("{}({})", failed.operator_text.empty() ? "" : " ", host->text);
            return failed;
        }
        if (host) return failure_of(*host);
        const std::string details = module_failure_.operator_text.empty() ? fmt::format("convert returned {}", status)
                                                                          : module_failure_.operator_text;
        return Failure{
            fmt::format(
                "the module {} could not convert the export and gave no reason. Tell the operator of the plugin.",
                job_.module_id),
            details, module_failure_.retry_after_ms};
    }

    std::variant<std::string, Failure> deliver(const ZipSpool::Zip &zip) {
        rest::StoredFile file{result_name(names_.file_name, job_.project(), job_.module_id, now_ms()), job_.project(),
                              names_.storage};
        const auto uploaded = upload(access_.client, hub_, file, {"the result", zip.path, zip.bytes}, job_.cancel);
        if (!uploaded) return failure_of(uploaded.error());
        info(fmt::format("uploaded the result of {} asset{}: {} ({})", assets_, assets_ == 1 ? "" : "s", file.name,
                         size_text(zip.bytes)));
        const std::string checkpoint =
            fmt::format(R"({{"uploaded":{},"storage":{}}})", json::quote(rest::without_query(*uploaded)),
                        json::quote(file.storage));
        // Without the checkpoint a later attempt only repeats the work.
        if (const auto saved = job_.save_checkpoint(checkpoint); !saved)
            warn("could not save that the result is uploaded: " + saved.error().text);
        file.name = *uploaded;
        const auto url = hub_.signed_url(file);
        if (!url) return failure_of(url.error());
        return *url;
    }

    /// Asks for the signed URL if an earlier attempt has uploaded the result. Returns nothing if there was no upload or
    /// Hub does not know the file.
    std::optional<std::variant<std::string, Failure>> finish_earlier_upload() {
        if (!job_.checkpoint) return std::nullopt;
        const auto checkpoint = json::parse(*job_.checkpoint);
        if (!checkpoint) return std::nullopt; // the module's own checkpoint
        const std::string uploaded = json::text_or(*checkpoint, "uploaded", "");
        if (uploaded.empty()) return std::nullopt;
        info("the result was uploaded in an earlier attempt");
        const auto url = hub_.signed_url({uploaded, job_.project(), json::text_or(*checkpoint, "storage", "")});
        if (url) return *url;
        if (url.error().code != Code::not_found && url.error().code != Code::invalid) return failure_of(url.error());
        warn(url.error().text + " Starting again.");
        return std::nullopt;
    }

    Job &job_;
    const Convert &convert_;
    const Failure &module_failure_;
    const ExportNames &names_;
    const rest::RetryPolicy retry_;
    SpoolQuota quota_;
    HubAccess access_;
    rest::HubApi &hub_ = access_.hub;
    std::uint64_t assets_ = 0; ///< records that the module has read
};

} // namespace

std::string result_name(const std::string &wanted, const std::string &project, const std::string &module_id,
                        std::int64_t now_ms) {
    std::string name = wanted;
    if (name.empty()) {
        std::string time = iso_time(now_ms).substr(0, 19) + "Z";
        std::replace(time.begin(), time.end(), ':', '-');
        name = fmt::format("{}-{}-{}", project.substr(0, 64), module_id, time);
        const auto plain = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
        };
        std::replace_if(
            name.begin(), name.end(), [&](char c) { return !plain(c); }, '_');
    }
    for (char &c : name)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '/' || c == '\\' || c == ':') c = '_';
    if (name.front() == '.') name.insert(0, "_");
    // An extension is the choice of the module. Without one, a computer does not know how to open the file.
    const std::string extension(extension_of(name).empty() ? ".zip" : extension_of(name));
    if (name.ends_with(extension)) name.resize(name.size() - extension.size());
    return std::string(beginning_of(name, kMaxName)) + extension;
}

std::variant<std::string, Failure> run_export(Job &job, const Convert &convert, const Failure &module_failure,
                                              const ExportNames &names, rest::RetryPolicy retry) {
    try {
        return Export(job, convert, module_failure, names, retry).run();
    } catch (const std::exception &e) { // a bug or lack of memory; the threads have ended
        return Failure{"the plugin host failed. Tell its operator.",
                       fmt::format("internal error in an export: {}", e.what()), kRetryLaterMs};
    }
}

} // namespace angod::host
