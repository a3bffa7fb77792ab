# A machine with all that cr3 needs: docker build -t cr3 . && docker run -it cr3
FROM debian:bookworm
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
COPY tools/setup /tmp/setup
RUN /tmp/setup && /tmp/setup dev && rm -rf /tmp/setup /var/lib/apt/lists/*
WORKDIR /cr3
COPY . .
CMD ["bash"]
