// The ring of a page: two short tones, made on the spot.
let audio;

export function ringOnce() {
  audio ??= new AudioContext();
  [880, 660].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const at = audio.currentTime + place * 0.18;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.15, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.17);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.18);
  });
}
