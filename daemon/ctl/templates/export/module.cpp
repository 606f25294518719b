// An export converter: what it writes becomes the zip that the user downloads.
#include <ango/module.hpp>

#include <cstdint>
#include <string>

struct ModuleClass : ango::Export {
    void convert(ango::Job &job, ango::Reader &assets, ango::Writer &zip) override {
        std::uint64_t count = 0;
        zip.open("assets.ndjson");
        for (const ango::Asset &asset : assets) {
            zip.write(asset.json).write("\n"); // the record as Hub exports it, for any JSON library
            job.progress(++count);
        }
        job.info("converted " + std::to_string(count) + " assets");
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Copies the assets into one NDJSON file"})
