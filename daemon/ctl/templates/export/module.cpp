// An export converter reads the assets of a project and writes the zip that the user downloads.
#include <ango/module.hpp>

#include <cstdint>
#include <string>

struct ModuleClass : ango::Export {
    void convert(ango::Job &job, ango::Reader &assets, ango::Writer &zip) override {
        std::uint64_t count = 0;
        zip.open("assets.ndjson");
        for (const ango::Asset &asset : assets) {
            // asset.json is the record as Hub exports it; parse it with any JSON library. The sample in export.ndjson
            // has a box with negative sizes, an image of unknown size, and an object without a title.
            zip.write(asset.json).write("\n");
            job.progress(++count);
        }
        job.info("converted " + std::to_string(count) + " assets");
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Copies the assets into one NDJSON file"})
