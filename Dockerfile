# Tapewatch in a container: the one file on a base that has glibc and nothing to log into.
#
#   docker build -t tapewatch .
#   docker run -d --name tapewatch --read-only -v tapewatch:/data --memory 256m \
#     -p 127.0.0.1:8080:8080 -e HTTP_ADDR=0.0.0.0:8080 -e API_TOKEN=… tapewatch
#
# Hosts beyond the venues' own: --build-arg NET=proxy.example

FROM denoland/deno:debian-2.9.6 AS build
ARG NET=""
WORKDIR /src
COPY deno.json deno.lock main.ts ./
COPY .ci/compile.ts .ci/launcher.sh .ci/
COPY .ci/lean .ci/lean
COPY collectors collectors
COPY commands commands
COPY lib lib
# Only the compiled file: the self-extracting one wants a shell and a place to unpack to.
RUN deno task compile --as=compiled ${NET:+--net="$NET"} && mkdir -m 700 /empty

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/dist/tapewatch /usr/local/bin/tapewatch
# A new volume takes over the owner of the folder that it covers.
COPY --from=build --chown=65532:65532 /empty /data
# The last line: memory that is freed goes back to the system, see .ci/launcher.sh.
ENV DATA_DIR=/data DENO_NO_UPDATE_CHECK=1 \
  MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=32768 MALLOC_TOP_PAD_=0
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/tapewatch", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/tapewatch"]
CMD ["serve"]
